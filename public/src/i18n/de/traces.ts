import type en from "../en/traces.ts";

export default {
  about: "Anfragen, die scheiterten, abgelehnt wurden oder lange dauerten, und eine Stichprobe der übrigen.",
  id: "Kennung der Anfrage, wie ein Fehler sie nennt",
  open: "Öffnen",
  missing: "Zu dieser Kennung ist keine Spur aufgehoben.",
  all: "Alle Spuren",
  at: "Zeit",
  request: "Anfrage",
  status: "Status",
  duration: "Dauer",
  reason: "Aufgehoben, weil",
  reasons: { error: "Gescheitert", slow: "Langsam", refused: "Abgelehnt", sampled: "Stichprobe" },
  ms: "{count} ms",
  waterfall: "Was getan wurde, von wem und wann",
  work: "Arbeit",
  time: "Wann",
} satisfies Record<keyof typeof en, unknown>;
