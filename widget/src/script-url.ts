/**
 * The address this script was loaded from, for it must be asked while the script runs for the first time. A module has no
 * `currentScript`; there a stack trace is the only witness that survives bundling into one file.
 */
export const scriptUrl: string =
  (document.currentScript instanceof HTMLScriptElement && document.currentScript.src) ||
  (/(?:https?|file):\/\/[^\s()@]+?\.[jt]s(?:\?[^\s:)]*)?(?=:\d+:\d+)/.exec(new Error().stack ?? '')?.[0] ?? '');
