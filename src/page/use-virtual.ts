import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from "@tanstack/virtual-core";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";

type Options = VirtualizerOptions<HTMLElement, HTMLElement>;
type Given = Pick<Options, "count" | "getScrollElement" | "estimateSize"> & Partial<Options>;

/** A list of which only those items are in the page that can be seen. */
export function useVirtual(given: Given): Virtualizer<HTMLElement, HTMLElement> {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const options: Options = {
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw(undefined),
    overscan: 8,
    ...given,
  };
  const [virtual] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtual.setOptions(options);
  // oxlint-disable-next-line no-underscore-dangle -- how adapters of this library tell it that they are drawn
  useLayoutEffect(() => virtual._didMount(), []);
  // oxlint-disable-next-line no-underscore-dangle -- and that they were drawn again
  useLayoutEffect(() => virtual._willUpdate());
  return virtual;
}
