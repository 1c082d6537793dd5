/** Keys that are pressed, one at a time, where there is a keyboard. */
export function listenForKeys(heard: (key: string) => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  const hear = (text: string) => heard(text);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8').on('data', hear).resume();
  return () => {
    stdin.off('data', hear).pause();
    stdin.setRawMode(false);
  };
}
