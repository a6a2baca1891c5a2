/** A bar on the terminal, for whoever waits; nothing when it is none. */
export function progressBar(to: NodeJS.WriteStream = process.stderr): { show(what: string, share: number): void; end(): void } {
  const WIDTH = 40;
  let shown = "";
  return {
    show(what, share) {
      if (!to.isTTY) return;
      const full = Math.round(share * WIDTH);
      const line = `${what.padEnd(12)} [${"█".repeat(full)}${" ".repeat(WIDTH - full)}] ${String(Math.round(share * 100)).padStart(3)} %`;
      if (line !== shown) to.write(`\r${line}`);
      shown = line;
    },
    end() {
      if (to.isTTY) to.write(`\r${" ".repeat(shown.length)}\r`);
    },
  };
}
