// Everything here saves a round trip or a glance; each page works without it.
(function () {
  "use strict";

  // A box marked as "alone" ("none of these") clears its neighbours, and they clear it.
  function alone(event) {
    var box = event.target;
    if (!box.matches || !box.matches("input[type=checkbox]") || !box.checked) return;
    var set = box.closest("fieldset");
    if (!set) return;
    set.querySelectorAll("input[type=checkbox]").forEach(function (other) {
      if (other !== box && (box.hasAttribute("data-alone") || other.hasAttribute("data-alone"))) other.checked = false;
    });
  }

  // A file that is larger than its question takes is told before it is sent.
  function large(event) {
    var box = event.target;
    if (!box.matches || !box.matches("input[type=file][data-most]")) return;
    var told = box.parentNode.querySelector("[data-told]");
    if (told) told.remove();
    if (!box.files.length || box.files[0].size <= Number(box.getAttribute("data-most"))) return;
    told = document.createElement("p");
    told.className = "wrong";
    told.setAttribute("data-told", "");
    told.setAttribute("role", "alert");
    told.textContent = box.getAttribute("data-large");
    box.parentNode.insertBefore(told, box);
    box.value = "";
  }

  // A button marked "once" sends once.
  function once(event) {
    var button = event.submitter;
    if (button && button.hasAttribute("data-single")) {
      setTimeout(function () { button.setAttribute("aria-disabled", "true"); button.disabled = true; }, 0);
    }
  }

  // Open menus close with Escape and with a press elsewhere.
  function close(event) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (event.type === "keydown") {
        if (event.key !== "Escape") return;
        menu.open = false;
        menu.querySelector("summary").focus();
      } else if (!menu.contains(event.target)) {
        menu.open = false;
      }
    });
  }

  document.addEventListener("change", alone);
  document.addEventListener("change", large);
  document.addEventListener("submit", once);
  document.addEventListener("keydown", close);
  document.addEventListener("click", function (event) {
    close(event);
    var print = event.target.closest && event.target.closest("[data-print]");
    if (print) window.print();
  });
  document.documentElement.classList.add("scripts");
})();
