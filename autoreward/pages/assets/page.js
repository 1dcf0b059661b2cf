"use strict";
// The own script of the pages: clips, keys, the clock of a comparison, the cursor under a clip.
// It is given no text of anybody to run, and asks nothing but the server that it came from.
(() => {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const UNREACHABLE = "The page is not answered: is `autoreward ui` still running?";

  // --- Clips load one at a time, when they come into view ---
  const waiting = [];
  let loading = false;

  function loadNext() {
    if (loading) return;
    const video = waiting.shift();
    if (!video) return;
    if (video.src || !video.isConnected) return loadNext();
    loading = true;
    const over = new AbortController();
    const done = () => {
      over.abort();
      loading = false;
      video.removeAttribute("aria-busy");
      if (video.dataset.wanted) play(video);
      loadNext();
    };
    video.addEventListener("loadeddata", done, { signal: over.signal });
    video.addEventListener("error", () => { done(); failed(video); }, { signal: over.signal });
    video.preload = "auto";
    video.src = source(video);
  }

  // A clip that stands on the page twice is held once.
  function source(video) {
    const given = video.dataset.src;
    if (!given.startsWith("same:")) return given;
    return document.querySelector(`video[data-name="${CSS.escape(given.slice(5))}"]`).dataset.src;
  }

  // What stands below a clip that is not there: what is being done, or why it cannot be played.
  function tell(video, words, more) {
    let said = video.parentElement.querySelector(".untold");
    if (!said) {
      said = document.createElement("p");
      said.className = "hint untold";
      said.append(document.createElement("span"), document.createElement("small"));
      said.firstChild.setAttribute("role", "status");
      video.after(said);
    }
    if (said.firstChild.textContent !== words) said.firstChild.textContent = words;
    said.lastChild.textContent = more;
  }

  function failed(video) {
    const file = video.getAttribute("src");
    video.removeAttribute("src");
    if (file.endsWith(".mp4") && location.protocol.startsWith("http")) follow(video, file, false);
    else unplayable(video);
  }

  // The server tells what became of a clip; while it is drawn, again every second.
  async function follow(video, file, drawn) {
    const told = await fetch(file.slice(0, -4)).then((answer) => answer.json()).catch(() => null);
    const looked = video.isConnected && (video.dataset.wanted || !video.matches("[data-lazy]"));
    if (told && told.state === "drawing" && looked) {
      video.setAttribute("aria-busy", "true");
      tell(video, told.words, told.more);
      setTimeout(() => follow(video, file, true), 1000);
      return;
    }
    video.removeAttribute("aria-busy");
    if (!told) tell(video, UNREACHABLE, "");
    else if (told.state === "impossible") tell(video, told.words, " " + told.more);
    else if (told.state === "there" && !drawn) unplayable(video);
    else {
      tell(video, "", "");
      if (looked) want(video, true);
    }
  }

  function unplayable(video) {
    tell(video, "This clip cannot be played: it is missing, or was not written to its end.", "");
  }

  function want(video, first) {
    if (video.src || video.getAttribute("aria-busy")) return;
    video.setAttribute("aria-busy", "true");
    if (first) waiting.unshift(video); else waiting.push(video);
    loadNext();
  }

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) { seen.unobserve(entry.target); want(entry.target, false); }
    }
  }, { rootMargin: "120px" });

  function play(video) {
    want(video, true);
    video.dataset.wanted = "yes";
    if (video.readyState < 2) return;  // it begins when it is there
    const started = video.play();
    if (started) started.catch(() => {});  // it was paused before it began
  }

  function pause(video) {
    delete video.dataset.wanted;
    video.pause();
  }

  function prepareWall(root) {
    for (const link of all(".wall a", root)) {
      const video = link.querySelector("video");
      video.loop = true;
      const begin = () => { if (!still.matches) play(video); };
      const end = () => pause(video);
      link.addEventListener("mouseenter", begin);
      link.addEventListener("focus", begin);
      link.addEventListener("mouseleave", end);
      link.addEventListener("blur", end);
    }
  }

  // --- The cursor under a clip moves with it; a click there goes to that moment ---
  function prepareBands(root) {
    for (const figure of all(".watched", root)) {
      const video = figure.querySelector("video"), cursors = all(".cursor", figure);
      const move = () => {
        const at = video.duration ? 1000 * video.currentTime / video.duration : 0;
        for (const cursor of cursors) { cursor.setAttribute("x1", at); cursor.setAttribute("x2", at); }
        if (!video.paused) requestAnimationFrame(move);
      };
      for (const name of ["play", "seeked", "timeupdate"]) video.addEventListener(name, move);
      for (const picture of all(".band svg", figure)) {
        picture.addEventListener("click", (event) => {
          const box = picture.getBoundingClientRect();
          if (video.duration) video.currentTime = video.duration * (event.clientX - box.left) / box.width;
        });
      }
    }
  }

  // --- A comparison: all clips on one clock ---
  const players = () => all(".player video");
  const FRAME = 1 / 30;  // [s]

  function longest() {
    return players().reduce((a, b) => ((b.duration || 0) > (a.duration || 0) ? b : a), players()[0]);
  }

  function toggle() {
    const videos = players(), running = videos.some((video) => !video.paused && !video.ended);
    if (running) { videos.forEach(pause); return; }
    const leader = longest();
    if (leader && leader.ended) seek(0);
    for (const video of videos) if (!(video.duration && video.currentTime >= video.duration)) play(video);
  }

  function seek(time) {
    for (const video of players()) if (video.duration) video.currentTime = Math.max(0, Math.min(time, video.duration));
  }

  function step(frames) {
    const leader = longest();
    if (!leader) return;
    players().forEach(pause);
    seek(leader.currentTime + frames * FRAME);
  }

  function prepareCompare(root) {
    const box = root.querySelector(".players");
    if (!box) return;
    for (const video of players()) want(video, false);
    const clock = root.querySelector("#clock");
    const bar = root.querySelector("#position");
    for (const video of players()) {
      video.addEventListener("timeupdate", () => {
        const first = longest();
        if (video !== first) return;
        if (clock) clock.textContent = video.currentTime.toFixed(2) + " s";
        if (bar && document.activeElement !== bar && video.duration) bar.value = String(1000 * video.currentTime / video.duration);
      });
    }
    if (bar) bar.addEventListener("input", () => { const first = longest(); if (first && first.duration) seek(first.duration * Number(bar.value) / 1000); });
  }

  // --- The worst of several: at most one is marked, and the best is another one ---
  const marks = () => all("input[name=worst]");

  function prepareMarks(root) {
    for (const mark of all("input[name=worst]", root)) mark.addEventListener("change", () => setMark(mark.checked ? mark : null));
    const form = root.querySelector("#answer");
    if (!form || !marks().length) return;
    form.addEventListener("submit", (event) => {
      const worst = marks().find((mark) => mark.checked), choice = event.submitter && event.submitter.value;
      if (!worst || (choice !== worst.value && /^\d$/.test(choice))) return;
      event.preventDefault();
      say(choice === worst.value ? `${choice} is marked as the worst: take the mark away, or choose another one.`
        : "One is marked as the worst: take the mark away to say that all are alike.");
    });
  }

  function say(words) {
    document.querySelector("#mark").textContent = words;
  }

  function setMark(wanted) {
    for (const mark of marks()) mark.checked = mark === wanted;
    say(wanted ? `${wanted.value} is the worst. Now choose the best.` : "None is marked.");
  }

  function moveMark() {
    const given = marks(), now = given.findIndex((mark) => mark.checked);
    setMark(given[now + 1] || null);
  }

  function prepareNotes(root) {
    for (const form of all("form.moment", root)) {
      form.addEventListener("submit", () => setMoment(form));
      form.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) { form.reset(); document.activeElement.blur(); } });
      form.addEventListener("htmx:configRequest", (event) => { setMoment(form); event.detail.parameters.step = form.elements.step.value; });
    }
  }

  // A note belongs to the control step that is shown.
  function setMoment(form) {
    const holder = form.closest(".player, .watched");
    const video = holder && holder.querySelector("video");
    const steps = Number(holder && holder.dataset.steps);
    if (video && video.duration && steps) {
      form.elements.step.value = String(Math.min(steps - 1, Math.round(video.currentTime / video.duration * (steps - 1))));
    }
  }

  // --- Sliders: what a reward would pay for stored episodes, under other weights ---
  function prepareSliders(root) {
    const box = root.querySelector("#sliders");
    if (!box) return;
    const data = JSON.parse(root.querySelector("#sums").textContent);
    const sliders = all("input[type=range]", box), rows = root.querySelector("#ranking");
    const update = () => {
      const weights = sliders.map((one) => Number(one.dataset.weight) * Number(one.value));
      sliders.forEach((one, k) => {
        root.querySelector("#value-" + k).textContent = weights[k].toPrecision(3);
        root.querySelector("#weight-" + k).value = String(weights[k]);
      });
      const paid = data.sums.map((sums) => sums.reduce((sum, one, k) => sum + one * weights[k], 0));
      const place = (values) => {
        const order = values.map((_, i) => i).sort((a, b) => values[b] - values[a]);
        return values.map((_, i) => order.indexOf(i) + 1);
      };
      const now = place(paid), before = place(data.before);
      const order = data.names.map((_, i) => i).sort((a, b) => now[a] - now[b]);
      rows.replaceChildren(...order.map((i) => {
        const row = document.createElement("tr"), moved = before[i] - now[i];
        for (const [text, number] of [[data.names[i], false], [String(before[i]), true], [String(now[i]), true],
          [moved > 0 ? "↑" + moved : moved < 0 ? "↓" + -moved : "", false], [paid[i].toPrecision(4), true]]) {
          const cell = document.createElement("td");
          cell.textContent = text;
          if (number) cell.className = "number";
          row.append(cell);
        }
        return row;
      }));
    };
    sliders.forEach((one) => one.addEventListener("input", update));
    update();
  }

  // --- Keys: what carries data-key is pressed by it ---
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target;
    const typing = field.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=range])");
    if (typing) { if (event.key === "Escape") field.blur(); return; }
    if (players().length) {
      if (event.key === " " && !field.matches("button, summary, input, a")) { event.preventDefault(); toggle(); return; }
      if (event.key === "," || event.key === ".") { event.preventDefault(); step(event.key === "," ? -1 : 1); return; }
      if (event.key === "x" && marks().length) { event.preventDefault(); moveMark(); return; }
      if (event.key === "?") { const help = document.querySelector("#help"); if (help) help.open = !help.open; return; }
    }
    const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!wanted || event.repeat) return;  // a key that is held answers once, also over the next page
    event.preventDefault();
    if (wanted.matches("input[type=text], textarea")) { players().forEach(pause); wanted.focus(); } else wanted.click();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-toggle]")) toggle();
  });

  // --- What goes wrong is said beside what was pressed; what waits for a page takes the error in its place ---
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.matches("#main") && event.detail.xhr.status >= 400) event.detail.shouldSwap = true;
  });
  document.addEventListener("htmx:responseError", (event) => {
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    complain(event.detail.elt, (page.querySelector(".problem") || page.body).textContent.trim());
  });
  document.addEventListener("htmx:sendError", (event) => complain(event.detail.elt, UNREACHABLE));
  document.addEventListener("htmx:sseError", (event) => complain(event.target, UNREACHABLE));
  document.addEventListener("htmx:sseOpen", (event) => complain(event.target, ""));
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) complain(event.detail.elt, ""); });

  function complain(element, words) {
    if (!element.isConnected) return;
    let said = element.querySelector(":scope > .complaint");
    if (!said) {
      if (!words) return;
      said = document.createElement("p");
      said.className = "problem complaint";
      said.setAttribute("role", "alert");
      element.append(said);
    }
    said.textContent = words;
    said.hidden = !words;
  }

  // --- Beginning, and again for what htmx has brought ---
  function prepare(root) {
    const lazy = "[data-lazy]";  // drawn only for whoever looks at it
    for (const video of all("video[data-src]", root)) if (!video.closest(".player:not(.watched)") && !video.matches(lazy)) seen.observe(video);
    prepareWall(root);
    prepareBands(root);
    prepareCompare(root);
    prepareMarks(root);
    prepareNotes(root);
    prepareSliders(root);
  }
  prepare(document);
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) prepare(event.target); });
})();
