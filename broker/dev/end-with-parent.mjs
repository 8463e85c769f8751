/** Preloaded into each service: its standard input is a pipe from its parent, so it ends even where the parent was killed. */
process.stdin.once('end', () => process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGTERM'));
process.stdin.resume();
process.stdin.unref();
