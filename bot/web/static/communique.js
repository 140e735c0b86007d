// With this, an answer grows in its page while it is written; without it, the form does the same in two steps.
"use strict";

(() => {
  const form = document.querySelector("form[data-stream]");
  if (!form || !window.ReadableStream || !window.AbortController) return;

  const turns = document.getElementById("turns");
  const state = document.getElementById("state");
  const stop = document.getElementById("stop");
  const submit = form.querySelector("button[type=submit]");
  let running = null;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!running && form.elements.question.value.trim()) ask();
  });
  stop.addEventListener("click", () => running && running.abort());

  async function ask() {
    running = new AbortController();
    const { turn, shown } = newTurn(form.elements.question.value.trim());
    begin(shown);
    try {
      const body = new URLSearchParams(new FormData(form));
      const response = await fetch(form.dataset.stream, { method: "POST", body, signal: running.signal });
      if (response.status === 401) return location.reload(); // the form to sign in stands at this address
      if (!response.ok) return complain(shown, await problemOf(response));
      for await (const { name, data } of events(response.body)) receive(name, data, turn, shown);
      if (!shown.querySelector("[data-finished]") && !shown.querySelector("[role=alert]")) throw new Error("cut off");
    } catch (error) {
      if (error.name === "AbortError") say(state.dataset.stopped);
      else complain(shown, form.dataset.failed);
    } finally {
      end(shown);
    }
  }

  function newTurn(question) {
    const turn = document.createElement("section");
    const heading = document.createElement("h2");
    const shown = document.createElement("div");
    heading.id = `question-new-${turns.querySelectorAll(".turn").length}`; // the server numbers those it has written
    heading.className = "question";
    heading.tabIndex = -1;
    heading.textContent = question;
    turn.className = "turn";
    turn.setAttribute("aria-labelledby", heading.id);
    shown.setAttribute("aria-live", "polite");
    turn.append(heading, shown);
    turns.append(turn);
    return { turn, shown };
  }

  function begin(shown) {
    for (const found of document.querySelectorAll("#newest, .lead")) found.remove();
    document.querySelector("h1").classList.add("unseen");
    shown.setAttribute("aria-busy", "true"); // it is read aloud once it is whole
    say(state.dataset.searching);
    submit.disabled = true;
    stop.hidden = false;
    turns.lastElementChild.scrollIntoView({ block: "nearest" });
  }

  function receive(name, data, turn, shown) {
    if (name === "error") {
      complain(shown, data.text);
      return;
    }
    shown.innerHTML = data.html; // made and escaped by the server, as the pages are
    if (name !== "answer") return;
    say(state.dataset.ready, true);
    form.querySelector("label").textContent = form.dataset.followUp;
    form.elements.conversation.value = data.conversation;
    form.elements.question.value = "";
    history.replaceState(null, "", data.address);
    turn.querySelector(".question").focus({ preventScroll: true });
    turn.scrollIntoView({ block: "start" });
  }

  function end(shown) {
    shown.removeAttribute("aria-busy");
    submit.disabled = false;
    stop.hidden = true;
    running = null;
  }

  function complain(shown, sentence) {
    const problem = document.createElement("p");
    problem.className = "problem";
    problem.setAttribute("role", "alert");
    problem.textContent = sentence;
    shown.replaceChildren(problem);
    say("");
  }

  // The sentence of a response that is no answer: JSON or a page of ours, or whatever stands between us and the server.
  async function problemOf(response) {
    const text = await response.text();
    if ((response.headers.get("content-type") || "").includes("json")) return JSON.parse(text).error;
    const found = new DOMParser().parseFromString(text, "text/html").querySelector(".problem");
    return found ? found.textContent : form.dataset.failed;
  }

  function say(sentence, heardOnly = false) {
    state.classList.toggle("unseen", heardOnly);
    state.textContent = sentence;
  }

  async function* events(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let waiting = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (waiting + value).split("\n\n");
      waiting = parts.pop();
      for (const part of parts) {
        const fields = Object.fromEntries(part.split("\n").map((line) => line.split(/: (.*)/s, 2)));
        yield { name: fields.event, data: JSON.parse(fields.data) };
      }
    }
  }
})();
