// What people entered into the inputs of one surface (a message or a view), in the shape of Slack's `state.values`.

const TEXT_INPUTS = ["plain_text_input", "number_input", "email_text_input", "url_text_input"];

/** The field of a value, and of an action, that holds the answer, by element type. */
const FIELD = {
  static_select: "selected_option", radio_buttons: "selected_option", checkboxes: "selected_options",
  users_select: "selected_user", channels_select: "selected_channel", conversations_select: "selected_conversation",
  datepicker: "selected_date", timepicker: "selected_time",
  ...Object.fromEntries(TEXT_INPUTS.map((type) => [type, "value"])),
};

const INITIAL = {
  static_select: "initial_option", radio_buttons: "initial_option", checkboxes: "initial_options",
  users_select: "initial_user", channels_select: "initial_channel", conversations_select: "initial_conversation",
  datepicker: "initial_date", timepicker: "initial_time",
  ...Object.fromEntries(TEXT_INPUTS.map((type) => [type, "initial_value"])),
};

/** Every element of the blocks that can hold a value, with its block. */
export function* stateful(blocks) {
  for (const block of blocks ?? []) {
    for (const element of [block.element, block.accessory, ...(block.type === "actions" ? block.elements ?? [] : [])]) {
      if (element && element.type in FIELD) yield { block, element };
    }
  }
}

/** Answers by block and action. A value is kept as long as both ids stay the same, whatever is redrawn. */
export class Values {
  #known = new Map();

  /** `server`: `state.values` as the server has them, used where nothing was entered here yet. */
  constructor(server = {}) {
    for (const [block, actions] of Object.entries(server ?? {})) {
      for (const [action, value] of Object.entries(actions ?? {})) this.#known.set(key(block, action), value);
    }
  }

  /** The answer itself: a string, an option, a list of options, or null. */
  get(blockId, element) {
    const known = this.#known.get(key(blockId, element.action_id));
    const field = FIELD[element.type];
    if (known && known.type === element.type) return known[field] ?? null;
    return element[INITIAL[element.type]] ?? (element.type === "checkboxes" ? [] : null);
  }

  set(blockId, element, answer) {
    this.#known.set(key(blockId, element.action_id), { type: element.type, [FIELD[element.type]]: answer });
  }

  /** `{block_id: {action_id: {type, value | selected_…}}}` for the elements that these blocks have. */
  collect(blocks) {
    const out = {};
    for (const { block, element } of stateful(blocks)) {
      (out[block.block_id] ??= {})[element.action_id] = { type: element.type, [FIELD[element.type]]: this.get(block.block_id, element) };
    }
    return out;
  }

  /** What is missing or malformed, by block id: what Slack itself refuses before it asks the app. */
  problems(blocks) {
    const out = {};
    for (const block of blocks ?? []) {
      if (block.type !== "input" || !block.element || !(block.element.type in FIELD)) continue;
      const problem = check(block, this.get(block.block_id, block.element));
      if (problem) out[block.block_id] = problem;
    }
    return out;
  }
}

/** The field of a click that carries this element's answer. */
export const answerField = (type) => FIELD[type];

const key = (block, action) => JSON.stringify([block, action]);

function check({ element, optional }, answer) {
  const empty = answer === null || answer === "" || (Array.isArray(answer) && answer.length === 0);
  if (empty) return optional ? null : "Please complete this required field.";
  if (element.type === "plain_text_input") {
    const length = [...answer].length;
    if (element.min_length && length < element.min_length) return `Please use at least ${element.min_length} characters.`;
    if (element.max_length && length > element.max_length) return `Please use at most ${element.max_length} characters.`;
  }
  if (element.type === "email_text_input" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(answer)) return "Please enter a valid e-mail address.";
  if (element.type === "url_text_input" && !/^https?:\/\/\S+$/.test(answer)) return "Please enter a valid URL.";
  if (element.type === "number_input") return checkNumber(element, answer);
  return null;
}

function checkNumber(element, answer) {
  const number = Number(answer);
  if (!Number.isFinite(number)) return "Please enter a number.";
  if (!element.is_decimal_allowed && !Number.isInteger(number)) return "Please enter a whole number.";
  if (element.min_value !== undefined && number < Number(element.min_value)) return `Please enter ${element.min_value} or more.`;
  if (element.max_value !== undefined && number > Number(element.max_value)) return `Please enter ${element.max_value} or less.`;
  return null;
}
