/** Of the wire, as live probes speak it; recordings hold older ones as well. */
export const PROTOCOL = 2;

/**
 * Most that is believed of the wire: it comes from another machine. Anything that exceeds it ends
 * the session.
 */
export const limits = {
  messageBytes: 4 * 1024 * 1024,
  /** One string of the dictionary: chunk names are cut at 64 KiB by the probe. */
  stringBytes: 64 * 1024 + 256,
  /** A text in a listing, notice or failure; `detail` holds the verifier's log. */
  textChars: 64 * 1024,
  detailChars: 1024 * 1024,
  /** Most that may be nested in one message, in a listing above all: texts, workers, masters. */
  nested: 200_000,
  /** A message that is no batch: they hold no more than a listing or the verifier's log. */
  plainMessageBytes: 1024 * 1024,
  /** Fields of one batch: each new dictionary entry is one, each column is one. */
  fieldsPerBatch: 400_000,
  /** One field of a batch, or of its rows: a string, or a column. */
  columnBytes: 1024 * 1024,
  /** A column of numbers of 64 bits: each takes ten times as much as others. */
  wideColumnBytes: 256 * 1024,
  /** Entries of one dictionary over a session: the probe's own cap. */
  entries: 2 ** 24,
  /** Symbols that are read for the names in them: of at most 4096 characters each. */
  symbols: 20_000,
  /** Different requests of a session, and module names of one VM: the probe bounds both lower. */
  requests: 2 ** 16,
  modules: 2 ** 16,
  /** Frames of one stack: 128 of Lua, and the kernel's and native ones around them. */
  stackDepth: 1024,
  /** Longest batch interval: one minute. */
  intervalUs: 60_000_000,
  masters: 4096,
  workers: 16_384,
  listenAddresses: 1024,
  missing: 64,
  pids: 16_384,
  /** Workers that a session has had samples of, those of before a reload included. */
  rowPids: 65_536,
  memory: 64,
  /** Ways in which a walk can end. */
  walkEnds: 64,
  /** Series of a session, their keys, and names of both; instruments that say how they are. */
  series: 64,
  seriesKeys: 8,
  seriesName: 64,
  instruments: 32,
  /** Of a text that is a key; the rest is cut off. */
  keyChars: 1024,
  zones: 64,
  /** The probe cuts names of zones below this. */
  zoneNameChars: 256,
  /** A file that is read for the editor. */
  fileBytes: 8 * 1024 * 1024,
  fileChunkBytes: 64 * 1024,
  /** A heap snapshot as it travels: about ten bytes an object, and as much as a recorder keeps. */
  heapBytes: 256 * 1024 * 1024,
} as const;
