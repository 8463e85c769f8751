import { esbuildPlugin } from '@web/dev-server-esbuild';
import { chromeLauncher, summaryReporter } from '@web/test-runner';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { browserArgs, browserPath } from '../.ci/browser.ts';

const root = join(import.meta.dirname, '..');
const screenshots = join(root, 'node_modules/.cache/screenshots');

/** `executeServerCommand('screenshot', { name })` in a test writes a PNG and answers its path. */
const screenshotCommand = {
  name: 'screenshot',
  async executeCommand({ command, payload, session }) {
    if (command !== 'screenshot') return undefined;
    const path = join(screenshots, `${payload.name}.png`);
    mkdirSync(screenshots, { recursive: true });
    await session.browser.getPage(session.id).screenshot({ path });
    return path;
  },
};

/** The widget's elements and adapters in a real Chromium, with a fake camera and microphone. */
export default {
  rootDir: root,
  files: join(root, 'widget/src/**/*.browser-test.ts'),
  nodeResolve: { exportConditions: ['production'] },
  // One page at a time: levels, focus and sizes are the page's.
  concurrency: 1,
  browsers: [chromeLauncher({ launchOptions: { executablePath: await browserPath(), args: browserArgs } })],
  plugins: [
    // It reads the flag of class fields in this tsconfig, and in none that it extends.
    esbuildPlugin({ ts: true, target: 'es2022', tsconfig: join(root, 'widget/tsconfig.json') }),
    screenshotCommand,
  ],
  reporters: [summaryReporter()],
  testFramework: { config: { timeout: 15_000 } },
};
