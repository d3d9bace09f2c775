// Emoji short names as Slack knows them; names that are not listed stay as typed.

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", negative_squared_cross_mark: "❎",
  warning: "⚠️", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", stop_sign: "🛑", rotating_light: "🚨",
  exclamation: "❗", heavy_exclamation_mark: "❗", bangbang: "‼️", question: "❓", grey_question: "❔",
  information_source: "ℹ️", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", timer_clock: "⏲️",
  alarm_clock: "⏰", clock1: "🕐", clock3: "🕒", watch: "⌚", calendar: "📅", date: "📅", spiral_calendar_pad: "🗓️",
  lock: "🔒", unlock: "🔓", closed_lock_with_key: "🔐", key: "🔑", old_key: "🗝️", shield: "🛡️",
  scroll: "📜", memo: "📝", pencil: "📝", pencil2: "✏️", page_facing_up: "📄", clipboard: "📋", bookmark_tabs: "📑",
  file_folder: "📁", open_file_folder: "📂", file_cabinet: "🗄️", package: "📦", card_index: "📇", label: "🏷️",
  receipt: "🧾", ledger: "📒", books: "📚", link: "🔗", paperclip: "📎", pushpin: "📌", round_pushpin: "📍",
  wastebasket: "🗑️", broom: "🧹", recycle: "♻️", arrows_counterclockwise: "🔄", repeat: "🔁", rewind: "⏪",
  arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", leftwards_arrow_with_hook: "↩️",
  double_vertical_bar: "⏸️", pause_button: "⏸️", arrow_forward: "▶️", black_square_for_stop: "⏹️",
  large_green_circle: "🟢", large_yellow_circle: "🟡", large_orange_circle: "🟠", red_circle: "🔴",
  large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", large_green_square: "🟩", large_red_square: "🟥",
  large_yellow_square: "🟨", white_large_square: "⬜", black_large_square: "⬛", small_blue_diamond: "🔹",
  eyes: "👀", eye: "👁️", mag: "🔍", mag_right: "🔎", bulb: "💡", bell: "🔔", no_bell: "🔕", mega: "📣",
  loudspeaker: "📢", speech_balloon: "💬", inbox_tray: "📥", outbox_tray: "📤", email: "📧", envelope: "✉️",
  incoming_envelope: "📨", bust_in_silhouette: "👤", busts_in_silhouette: "👥", wave: "👋", raised_hand: "✋",
  hand: "✋", pray: "🙏", thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎", clap: "👏", ok_hand: "👌",
  muscle: "💪", point_right: "👉", point_up: "☝️", writing_hand: "✍️", handshake: "🤝", crown: "👑",
  gear: "⚙️", wrench: "🔧", hammer: "🔨", hammer_and_wrench: "🛠️", toolbox: "🧰", electric_plug: "🔌", battery: "🔋",
  computer: "💻", desktop_computer: "🖥️", floppy_disk: "💾", cd: "💿", globe_with_meridians: "🌐", cloud: "☁️",
  satellite_antenna: "📡", robot_face: "🤖", bug: "🐛", test_tube: "🧪", construction: "🚧", rocket: "🚀",
  zap: "⚡", fire: "🔥", boom: "💥", ice_cube: "🧊", snowflake: "❄️", droplet: "💧", fire_extinguisher: "🧯",
  bar_chart: "📊", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", abacus: "🧮", straight_ruler: "📏",
  moneybag: "💰", money_with_wings: "💸", credit_card: "💳", dollar: "💵", euro: "💶", coin: "🪙", bank: "🏦",
  tada: "🎉", sparkles: "✨", star: "⭐", trophy: "🏆", checkered_flag: "🏁", triangular_flag_on_post: "🚩",
  smile: "😄", slightly_smiling_face: "🙂", thinking_face: "🤔", sweat_smile: "😅", sob: "😭", skull: "💀", ghost: "👻",
  new: "🆕", ok: "🆗", sos: "🆘", one: "1️⃣", two: "2️⃣", three: "3️⃣", four: "4️⃣", five: "5️⃣", "1234": "🔢",
};

/** The character of a short name, or null. */
export const emoji = (name) => (Object.hasOwn(EMOJI, name) ? EMOJI[name] : null);

/** Replaces `:name:` in plain text. */
export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => emoji(name) ?? whole);
