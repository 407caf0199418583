// Everything here saves a round trip or a glance; each page works without it.
(function () {
  "use strict";

  // Clock times are written by the server in its own zone; show them in the reader's.
  function clocks(root) {
    root.querySelectorAll("[data-clock]").forEach(function (el) {
      var at = new Date(el.getAttribute("data-clock"));
      if (!isNaN(at)) {
        el.textContent = at.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      }
    });
  }

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

  // What a person typed and the network did not take: say so, at once, and keep it in the page.
  function lost() {
    var words = document.querySelector("[data-lost]");
    if (words) {
      words.hidden = false;
      document.getElementById("said").textContent = words.textContent;
    }
  }
  function found() {
    var words = document.querySelector("[data-lost]");
    if (words) words.hidden = true;
  }

  document.addEventListener("change", alone);
  document.addEventListener("submit", once);
  document.addEventListener("keydown", close);
  document.addEventListener("click", function (event) {
    close(event);
    var print = event.target.closest && event.target.closest("[data-print]");
    if (print) window.print();
  });
  document.addEventListener("htmx:afterSwap", function (event) { clocks(event.target); });
  document.addEventListener("htmx:oobAfterSwap", function (event) { clocks(event.target); });
  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:timeout", lost);
  document.addEventListener("htmx:responseError", lost);
  document.addEventListener("htmx:afterRequest", function (event) { if (event.detail.successful) found(); });
  clocks(document);
  document.documentElement.classList.add("scripts");
})();
