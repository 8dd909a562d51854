/** Hands a text to the browser as a file to keep. */
export function saveAs(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it once this task is over.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function fileName(kind: 'csv' | 'json', now: number): string {
  return `vigil-audit-${new Date(now).toISOString().slice(0, 16).replace(/[T:]/g, '-')}.${kind}`;
}
