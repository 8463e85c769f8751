import { fileURLToPath } from 'node:url';

/** Wrangler with everything that calls home switched off: usage metrics, error reports, update check, `Request.cf`. */
export const WRANGLER_ENVIRONMENT = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
} as const;

/** Wrangler's entry point, to be run with `process.execPath`. */
export const WRANGLER_PATH = fileURLToPath(new URL('../../node_modules/wrangler/bin/wrangler.js', import.meta.url));
