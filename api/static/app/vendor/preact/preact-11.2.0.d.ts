// The types of the vendored file. They come from the packages that it is made of.
export { Fragment, cloneElement, createContext, h, render } from "preact";
export {
  useCallback,
  useContext,
  useErrorBoundary,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "preact/hooks";
export {
  Signal,
  batch,
  computed,
  effect,
  signal,
  untracked,
  useComputed,
  useSignal,
  useSignalEffect,
} from "@preact/signals";
export declare const html: (strings: TemplateStringsArray, ...values: unknown[]) => any;
