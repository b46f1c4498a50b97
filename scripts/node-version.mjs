/** Stops with a sentence instead of a stack trace when Node is too old. Imported before anything newer than Node 14. */
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Waypost needs Node.js 20.19 or newer, and this is ${process.versions.node}. ` +
      'Install a current version (for example with your package manager or nvm) and run the command again.',
  );
  process.exit(1);
}
