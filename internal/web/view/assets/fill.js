// The queue of answers. Each answer is written down in this browser before it is sent, with a number, a key and the
// account that gave it, and is taken out when the server has it on disk. Each page works without all this.
(function () {
  "use strict";

  var sign = document.getElementById("queue");
  if (!sign) return;
  var account = sign.getAttribute("data-account");
  var mine = "kindred.fill/" + account + "/";
  var form = document.querySelector("form[data-fill]");
  var memory = {}; // where the browser keeps nothing
  var full = false, stopped = "", wait = 1000, timer = 0, running = null, last = 0;

  // The journal: one entry under a name of its own, never changed once written but for a refusal.
  function names() {
    var list = Object.keys(memory);
    try {
      for (var i = 0; i < localStorage.length; i++) {
        if (localStorage.key(i).indexOf(mine) === 0) list.push(localStorage.key(i));
      }
    } catch (e) { full = true; }
    return list.sort();
  }
  function entries() {
    return names().map(function (name) {
      try { return memory[name] || JSON.parse(localStorage.getItem(name)); } catch (e) { return null; }
    }).filter(function (e) { return e && e.account === account; });
  }
  function write(e) {
    try { localStorage.setItem(e.name, JSON.stringify(e)); delete memory[e.name]; } catch (x) { memory[e.name] = e; full = true; }
  }
  function strike(e) {
    delete memory[e.name];
    try { localStorage.removeItem(e.name); } catch (x) { full = true; }
  }
  function waiting() { return entries().filter(function (e) { return !e.refused; }); }
  function random() {
    var b = new Uint8Array(16), s = "";
    crypto.getRandomValues(b);
    for (var i = 0; i < b.length; i++) s += ("0" + b[i].toString(16)).slice(-2);
    return s;
  }

  // What stands in the controls of one question.
  function itemOf(el) { return el.closest("[data-path]"); }
  function fields(item) {
    var list = [["_asked", item.getAttribute("data-path")]];
    item.querySelectorAll("input[name], textarea[name], select[name]").forEach(function (el) {
      if (itemOf(el) !== item || el.name === "_asked" || el.type === "file" || /~find$/.test(el.name)) return;
      if ((el.type === "radio" || el.type === "checkbox") && !el.checked) return;
      list.push([el.name, el.value]);
    });
    return list;
  }
  function note(item) {
    var list = entries(), seq = Date.now();
    last = Math.max(last, list.length ? list[list.length - 1].seq : 0);
    if (seq <= last) seq = last + 1;
    last = seq;
    var key = random(), name = mine + ("000000000000000" + seq).slice(-16) + "-" + key.slice(0, 8);
    write({ name: name, seq: seq, key: key, account: account, url: form.getAttribute("data-fill"), path: item.getAttribute("data-path"), fields: fields(item) });
    item.removeAttribute("data-typed");
    say();
    send();
  }

  // Sending: in order, one at a time, later again when the network or the server does not answer.
  function body(e) {
    var b = new URLSearchParams(e.fields);
    b.append("_key", e.key);
    b.append("_account", e.account);
    if (here(e)) {
      var seen = [];
      document.querySelectorAll("#items [data-part]").forEach(function (el) { seen.push(el.getAttribute("data-part") + "=" + el.getAttribute("data-mark")); });
      b.append("_seen", seen.join(" "));
    }
    return b;
  }
  function here(e) { return form && form.getAttribute("data-fill") === e.url; }
  function ask(url, options) {
    var stop = new AbortController(), late = setTimeout(function () { stop.abort(); }, 20000);
    options.signal = stop.signal;
    options.headers = Object.assign({ "HX-Request": "true" }, options.headers);
    return fetch(url, options).then(function (r) {
      return r.text().then(function (text) { clearTimeout(late); return { status: r.status, text: text, type: r.headers.get("Content-Type") || "" }; });
    }, function (e) { clearTimeout(late); throw e; });
  }
  function again() {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
    wait = Math.min(wait * 2, 60000);
  }
  function next() {
    var e = waiting()[0];
    if (!e) { stopped = ""; wait = 1000; say(); return Promise.resolve(true); }
    return ask(e.url + "/save", { method: "POST", body: body(e) }).then(function (r) {
      if (r.status === 401) { stopped = "sign-in"; say(); return false; }
      if (r.status >= 500 || r.status === 429 || r.status === 408 || r.status === 425) { stopped = "network"; say(); again(); return false; }
      stopped = ""; wait = 1000;
      if (r.status !== 200 || r.type.indexOf("json") < 0) { refuse(e, r.text); return next(); }
      var answer = JSON.parse(r.text), own = (answer.faults || []).filter(function (f) { return f.path === e.path; });
      if (own.length && !here(e)) refuse(e, own[0].text); else strike(e);
      if (here(e)) draw(answer, e);
      say();
      return next();
    }, function () { stopped = "network"; say(); again(); return false; });
  }
  function refuse(e, text) { e.refused = text || "?"; write(e); say(); }
  function send() {
    if (running) return running;
    clearTimeout(timer);
    var work = function () { return next(); };
    running = (navigator.locks ? navigator.locks.request("kindred-fill", work) : work()).then(function (done) { running = null; return done; }, function () { running = null; again(); return false; });
    return running;
  }

  // The truth about what waits.
  function say() {
    var n = waiting().length, refused = entries().filter(function (e) { return e.refused; }), said = sign.textContent;
    sign.textContent = "";
    if (refused.length) {
      var line = document.createElement("p"), look = document.createElement("a"), drop = document.createElement("button");
      line.textContent = sign.getAttribute("data-refused") + " " + refused[0].refused + " ";
      look.href = refused[0].url + "#items";
      look.textContent = sign.getAttribute("data-look");
      drop.type = "button"; drop.className = "as-link"; drop.textContent = sign.getAttribute("data-drop");
      drop.addEventListener("click", function () { strike(refused[0]); say(); });
      line.append(look, " ", drop);
      sign.append(line);
    } else if (n && stopped === "sign-in") {
      var link = document.createElement("a");
      link.href = "/sign-in?next=" + encodeURIComponent(location.pathname);
      link.textContent = sign.getAttribute("data-sign-in-link");
      sign.append(sign.getAttribute("data-sign-in") + " ", link);
    } else if (n && (stopped || !navigator.onLine)) {
      sign.append(n === 1 ? sign.getAttribute("data-count-one") : sign.getAttribute("data-count-many").replace("{n}", n));
    }
    if (n && full) sign.append(" " + sign.getAttribute("data-full"));
    sign.hidden = !sign.textContent;
    var saved = document.getElementById("saved");
    if (saved && n) saved.textContent = stopped || !navigator.onLine ? "" : sign.getAttribute("data-sending");
    return said;
  }

  // Drawing: only the parts that changed. What is being typed, the focus and the caret stay.
  function element(html) {
    var t = document.createElement("template");
    t.innerHTML = html;
    return t.content.firstElementChild;
  }
  function controls(root) { return root.querySelectorAll("input[id]:not([type=hidden]):not([type=file]):not([type=range]), textarea[id], select[id]"); }
  function put(el, was) {
    if (el.type === "radio" || el.type === "checkbox") el.checked = was.checked; else el.value = was.value;
  }
  function busy(el, pending) {
    var item = itemOf(el);
    return item && (item.hasAttribute("data-typed") || pending[item.getAttribute("data-path")]);
  }
  function keep(root, pending) {
    var kept = {};
    controls(root).forEach(function (el) { if (busy(el, pending)) kept[el.id] = { value: el.value, checked: el.checked }; });
    var typed = [];
    root.querySelectorAll("[data-typed]").forEach(function (el) { typed.push(el.id); });
    if (root.hasAttribute("data-typed")) typed.push(root.id);
    return { kept: kept, typed: typed };
  }
  function restore(root, was) {
    controls(root).forEach(function (el) { if (was.kept[el.id]) put(el, was.kept[el.id]); });
    was.typed.forEach(function (id) { var el = document.getElementById(id); if (el) el.setAttribute("data-typed", ""); });
  }
  function draw(answer, entry) {
    var pending = {}, active = document.activeElement, id = active && active.id, from = null, to = null;
    waiting().forEach(function (e) { if (here(e)) pending[e.path] = true; });
    try { from = active.selectionStart; to = active.selectionEnd; } catch (e) { from = null; }
    (answer.gone || []).forEach(function (gone) { var el = part(gone); if (el) el.remove(); });
    (answer.items || []).forEach(function (one) {
      var el = element(one.html), old = part(one.id), place = document.querySelector('[data-parts="' + CSS.escape(one.in) + '"]');
      if (old) {
        var was = keep(old, pending);
        old.replaceWith(el);
        restore(el, was);
      } else if (place) {
        var before = one.after && part(one.after);
        if (before && before.parentNode === place) before.after(el); else place.prepend(el);
      } else { return; }
      el.dispatchEvent(new CustomEvent("kindred:drawn", { bubbles: true }));
    });
    Object.keys(answer.marks || {}).forEach(function (m) { var el = part(m); if (el) el.setAttribute("data-mark", answer.marks[m]); });
    Object.keys(answer.was || {}).forEach(function (m) { var el = document.getElementById(m + "-was"); if (el) el.value = answer.was[m]; });
    ["saved", "left"].forEach(function (name) {
      var old = document.getElementById(name), el = answer[name] && element(answer[name]);
      if (old && el) { old.replaceWith(el); el.dispatchEvent(new CustomEvent("kindred:drawn", { bubbles: true })); }
    });
    var now = id && document.getElementById(id);
    if (now && now !== document.activeElement) {
      now.focus({ preventScroll: true });
      try { if (from !== null) now.setSelectionRange(from, to); } catch (e) { from = null; }
    }
    (answer.faults || []).forEach(function (f) { if (f.path === entry.path) document.getElementById("said").textContent = f.text; });
    document.documentElement.setAttribute("data-drawn", entry.key);
  }
  function part(id) { return document.querySelector('#items [data-part="' + CSS.escape(id) + '"]'); }

  // After a reload the page shows what waits, not what the server knew then.
  function overlay(e) {
    var item = document.querySelector('[data-path="' + CSS.escape(e.path) + '"]');
    if (!item) return;
    var values = {};
    e.fields.forEach(function (f) { (values[f[0]] = values[f[0]] || []).push(f[1]); });
    item.querySelectorAll("input[name]:not([type=hidden]):not([type=file]), textarea[name], select[name]").forEach(function (el) {
      if (itemOf(el) !== item || /~find$/.test(el.name)) return;
      if (el.type === "radio" || el.type === "checkbox") el.checked = (values[el.name] || []).indexOf(el.value) >= 0;
      else el.value = (values[el.name] || []).shift() || "";
    });
  }

  // A line to slide along stands for the number beside it.
  function slide(event) {
    var el = event.target, box;
    if (el.matches("[data-slides]")) {
      box = document.getElementById(el.getAttribute("data-slides"));
      if (event.type === "input") { box.value = el.value; set(el, true); } else box.dispatchEvent(new Event("change", { bubbles: true }));
      return;
    }
    document.querySelectorAll("[data-slides]").forEach(function (line) {
      if (line.getAttribute("data-slides") !== el.id) return;
      set(line, el.value !== "");
      if (el.value !== "") line.value = el.value;
    });
  }
  function set(line, on) {
    if (!on) return line.closest(".slider").setAttribute("data-unset", "");
    line.closest(".slider").removeAttribute("data-unset");
    line.removeAttribute("aria-valuetext");
  }

  // A long list shows what fits while one types.
  var looking = 0;
  function look(box) {
    var find = box.closest("[data-find]"), at = form.getAttribute("data-fill") + "?" + new URLSearchParams({ find: find.getAttribute("data-find"), q: box.value });
    clearTimeout(looking);
    looking = setTimeout(function () {
      ask(at, {}).then(function (r) { if (r.status === 200) find.querySelector("[data-found]").innerHTML = r.text; }, function () { say(); });
    }, 200);
  }

  if (form) {
    form.addEventListener("input", function (event) {
      slide(event);
      if (/~find$/.test(event.target.name)) return look(event.target);
      var item = itemOf(event.target);
      if (item && event.target.name) item.setAttribute("data-typed", "");
    });
    form.addEventListener("change", function (event) {
      slide(event);
      var el = event.target, item = itemOf(el);
      if (!item || !el.name || el.type === "file" || /~find$/.test(el.name)) return;
      setTimeout(function () { note(item); }, 0); // after boxes that exclude each other are settled
    });
    form.addEventListener("submit", function (event) {
      var button = event.submitter;
      if (form.hasAttribute("data-go") || button && button.name === "_upload") return;
      event.preventDefault();
      setTimeout(function () {
        send().then(function (done) { return done && ask("/healthz", { cache: "no-store" }); }).then(function (r) {
          if (!r) throw new Error("waits");
          form.setAttribute("data-go", "");
          form.requestSubmit(button);
        }).catch(function () {
          say();
          if (stopped === "sign-in") return sign.scrollIntoView();
          sign.textContent = form.getAttribute("data-lost");
          sign.hidden = false;
          sign.scrollIntoView({ block: "nearest" });
        });
      }, 10);
    });
    window.addEventListener("pageshow", function () { form.removeAttribute("data-go"); });
    entries().filter(here).forEach(function (e) {
      if (e.refused) { delete e.refused; write(e); }
      overlay(e);
    });
  }
  document.addEventListener("submit", function (event) {
    if (event.target.getAttribute("action") === "/sign-out" && waiting().length && !window.confirm(sign.getAttribute("data-leave"))) event.preventDefault();
  });
  window.addEventListener("online", send);
  window.addEventListener("offline", say);
  window.addEventListener("focus", function () { if (waiting().length) send(); });
  document.addEventListener("visibilitychange", function () { if (!document.hidden && waiting().length) send(); });
  if (waiting().length) send(); else say();
})();
