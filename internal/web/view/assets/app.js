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

  // A form that saves each answer says which one was left. When its questions are drawn again, what was typed in the
  // meantime stays, and is sent when its field is left.
  var typed = {};
  function controls(root) { return root.querySelectorAll("input[id]:not([type=hidden]):not([type=file]), textarea[id], select[id]"); }
  function isTick(el) { return el.type === "checkbox" || el.type === "radio"; }
  document.addEventListener("htmx:configRequest", function (event) {
    var form = event.detail.elt;
    if (!form.hasAttribute || !form.hasAttribute("data-fill")) return;
    var cause = event.detail.triggeringEvent && event.detail.triggeringEvent.target;
    if (cause && cause.type === "file") {
      event.preventDefault(); // files go with the whole page
      return;
    }
    form.querySelectorAll("input[type=file]").forEach(function (el) { delete event.detail.parameters[el.name]; });
    if (cause && cause.name) {
      var item = cause.closest(".item");
      var asked = item && item.querySelector("[name=_asked]");
      event.detail.parameters["_changed"] = asked ? asked.value : cause.name;
      if (cause.id) delete typed[cause.id];
    }
  });
  document.addEventListener("input", function (event) {
    if (event.target.id && event.target.closest && event.target.closest("[data-fill]")) typed[event.target.id] = true;
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target.id !== "items") return;
    var kept = {};
    controls(event.detail.target).forEach(function (el) { if (typed[el.id] && !isTick(el)) kept[el.id] = el.value; });
    typed.kept = kept;
  });
  document.addEventListener("htmx:afterSettle", function () {
    var kept = typed.kept;
    delete typed.kept;
    Object.keys(kept || {}).forEach(function (id) {
      var el = document.getElementById(id);
      if (!el || el.value === kept[id]) return;
      el.value = kept[id];
      var send = function () { el.dispatchEvent(new Event("change", { bubbles: true })); };
      if (document.activeElement === el) el.addEventListener("blur", send, { once: true }); else send();
    });
  });

  document.addEventListener("change", alone);
  document.addEventListener("change", large);
  document.addEventListener("submit", once);
  document.addEventListener("keydown", close);
  document.addEventListener("click", function (event) {
    close(event);
    var print = event.target.closest && event.target.closest("[data-print]");
    if (print) window.print();
  });
  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:timeout", lost);
  document.addEventListener("htmx:responseError", lost);
  document.addEventListener("htmx:afterRequest", function (event) { if (event.detail.successful) found(); });
  document.documentElement.classList.add("scripts");
})();
