/** For an npm script: npm sends a SIGTERM to the shell between them, which dies of it and tells nobody. */
const shell = process.ppid;
if (process.env['npm_lifecycle_event']) {
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 250).unref();
}
