import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** The width of an element in pixels, kept up to date. */
export function useWidth(): [RefObject<HTMLSpanElement | null>, number] {
  const element = useRef<HTMLSpanElement>(null);
  const [width, setWidth] = useState(600);
  useLayoutEffect(() => {
    if (element.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(1, Math.floor(entry?.contentRect.width ?? 1))));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
