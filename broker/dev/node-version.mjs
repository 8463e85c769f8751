/** Preloaded by the npm scripts, and plain JavaScript: it is what an old Node reads before it stumbles over TypeScript. */
if (!process.features.typescript) {
  console.error(
    `This project needs Node 22.18 or newer, and this is ${process.version}. ` +
      'Install Node 24 (https://nodejs.org), or on Linux x64 run "npm ci --include=optional", which brings it along.',
  );
  process.exit(1);
}
