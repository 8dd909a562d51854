/**
 * Runs `attach` for a window and for every same-origin frame in it, at any depth, as their documents come.
 * A document that goes takes its listeners with it. Frames of other origins, and sandboxed ones, stay closed to us.
 *
 * Returns what looks again: a frame whose document has changed but not finished loading announces itself by nothing.
 */
export function attachToFrames(
  top: Window,
  signal: AbortSignal,
  attach: (frame: Window) => void,
): () => void {
  const attached = new WeakSet<Document>();

  const visit = (frame: Window): void => {
    try {
      const { document } = frame;
      if (!attached.has(document)) {
        attached.add(document);
        // The load of a frame does not bubble, but it is captured on the way; a frame that is added loads, too.
        document.addEventListener('load', look, { capture: true, signal });
        attach(frame);
      }
      for (let index = 0; index < frame.length; index += 1) visit(frame[index]!);
    } catch {
      // Another origin.
    }
  };
  const look = () => visit(top);
  look();
  return look;
}
