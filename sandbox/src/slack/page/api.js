// The sandbox's HTTP interface. Reading throws on failure; writing always answers {ok, error?, errors?}.

const BASE = "/sandbox/api";
const UNREACHABLE = "The sandbox does not answer. Is it still running?";
/** The server holds a poll for at most 25 s; after this many milliseconds it is taken for dead. */
const POLL_TIMEOUT_MS = 40_000;

const query = (params) => new URLSearchParams(Object.entries(params).filter(([, v]) => v !== undefined && v !== null));

async function read(path, params = {}, signal = undefined) {
  const response = await fetch(`${BASE}/${path}?${query(params)}`, { signal, headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
  return response.json();
}

async function write(path, body) {
  let response;
  try {
    response = await fetch(`${BASE}/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    return { ok: false, error: UNREACHABLE };
  }
  const text = await response.text().catch(() => "");
  const answer = parse(text);
  if (answer && typeof answer.ok === "boolean") return answer;
  return response.ok ? { ok: true } : { ok: false, error: answer?.error ?? `The sandbox answered HTTP ${response.status}.` };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const workspace = (as) => read("workspace", { as });
export const messages = (as, channel) => read("messages", { channel, as }).then((body) => body.messages ?? []);
export const thread = (as, channel, ts) => read("thread", { channel, ts, as }).then((body) => body.messages ?? []);
export const views = (as) => read("views", { as }).then((body) => body.views ?? []);
export const switches = () => read("switches").then((body) => body.switches ?? []);
export const panels = () => read("panels").then((body) => body.panels ?? []);

/** The steps of the tour, or an empty list when this sandbox has none. */
export const story = () => read("story").then((body) => body.steps ?? [], () => []);

/** Waits until the workspace is newer than `after`, or the server ends the poll; answers the version. */
export const changes = (after) =>
  read("changes", { after }, AbortSignal.timeout(POLL_TIMEOUT_MS)).then((body) => Number(body.version));

export const say = (body) => write("say", body);
export const click = (body) => write("click", body);
export const submit = (body) => write("submit", body);
export const close = (body) => write("close", body);
export const flip = (id, on) => write("switches", { id, on });
export const panelAction = (panel, action) =>
  write(`panels/${encodeURIComponent(panel)}/${encodeURIComponent(action)}`, {});
