import {
  useCallback,
  useEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
} from 'react';
import { panned, pinched, wholeWorld, zoomed, type Box, type Point, type View } from './view';

/** How far an arrow key moves, in CSS pixels, and how much a press of + enlarges. */
const step = 60;
export const zoomStep = 1.6;

/** A pointer that moved less than this between down and up pressed a place. In CSS pixels. */
const stillness = 4;

/** How long it is said what the wheel needs, in milliseconds. */
const hintFor = 1_200;

const arrows: Record<string, Point> = {
  ArrowLeft: { x: step, y: 0 },
  ArrowRight: { x: -step, y: 0 },
  ArrowUp: { x: 0, y: step },
  ArrowDown: { x: 0, y: -step },
};

interface Finger {
  began: Point;
  at: Point;
}

type Change = (to: (from: View, size: Box) => View) => void;

/**
 * What the map shows, moved by pointer, wheel, two fingers and keys.
 *
 * @param element the map's box
 * @param fit what it begins with and the key 0 goes to
 * @param onPress a point of the box was pressed
 * @returns handlers for the box; `moving` while it is dragged
 */
export function useMapView(
  element: RefObject<HTMLDivElement | null>,
  fit: View,
  onPress: (at: Point) => void,
) {
  const [view, setView] = useState<View>();
  const [moving, setMoving] = useState(false);
  const fingers = useRef(new Map<number, Finger>());
  const box = useBox(element);
  const change = useCallback<Change>(
    (to) => {
      if (box) setView((from) => to(from ?? fit, box));
    },
    [box, fit],
  );
  const plainWheel = useWheel(element, change);

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0 || (event.target as Element).closest('button, a') !== null) return;
    const at = { x: event.clientX, y: event.clientY };
    fingers.current.set(event.pointerId, { began: at, at });
    event.currentTarget.setPointerCapture(event.pointerId);
    if (event.pointerType === 'mouse') setMoving(true);
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const finger = fingers.current.get(event.pointerId);
    if (!finger) return;
    const before = finger.at;
    const now = { x: event.clientX, y: event.clientY };
    finger.at = now;
    // One finger scrolls the page, as everywhere; two move the map.
    const [other] = [...fingers.current.values()].filter((each) => each !== finger);
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const inBox = ({ x, y }: Point) => ({ x: x - left, y: y - top });
    if (other) change((from, size) => pinched(from, size, inBox(before), inBox(now), inBox(other.at)));
    else if (event.pointerType === 'mouse')
      change((from, size) => panned(from, size, now.x - before.x, now.y - before.y));
  };
  const onPointerUp = (event: PointerEvent<HTMLDivElement>) => {
    const finger = fingers.current.get(event.pointerId);
    fingers.current.delete(event.pointerId);
    setMoving(false);
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    if (finger && Math.hypot(x - finger.began.x, y - finger.began.y) < stillness)
      onPress({ x: x - left, y: y - top });
  };
  const onPointerCancel = (event: PointerEvent<HTMLDivElement>) => {
    fingers.current.delete(event.pointerId);
    setMoving(false);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = arrows[event.key];
    if (arrow) change((from, size) => panned(from, size, arrow.x, arrow.y));
    else if (event.key === '+' || event.key === '=') change((from, size) => zoomed(from, size, zoomStep));
    else if (event.key === '-') change((from, size) => zoomed(from, size, 1 / zoomStep));
    else if (event.key === '0') setView(undefined);
    else return;
    event.preventDefault();
  };

  return {
    view: view ?? fit,
    box,
    moving,
    /** Somebody turned the wheel just now, which scrolled the page past the map. */
    plainWheel,
    zoomBy: (factor: number) => change((from, size) => zoomed(from, size, factor)),
    /** Undefined: back to what it began with. */
    goTo: (to: View | undefined) => setView(to),
    showWorld: () => setView(wholeWorld),
    handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel, onKeyDown },
  };
}

/** The size of an element; undefined before it is on screen. */
function useBox(element: RefObject<HTMLDivElement | null>): Box | undefined {
  const [box, setBox] = useState<Box>();
  useEffect(() => {
    const at = element.current;
    if (!at) return undefined;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = at;
      setBox(width > 0 && height > 0 ? { width, height } : undefined);
    });
    observer.observe(at);
    return () => observer.disconnect();
  }, [element]);
  return box;
}

/**
 * A plain wheel scrolls the page past the map; with ctrl it zooms, which is also how a touchpad tells of a pinch.
 *
 * @returns whether the wheel was turned plainly just now
 */
function useWheel(element: RefObject<HTMLDivElement | null>, change: Change): boolean {
  const [plain, setPlain] = useState(false);
  useEffect(() => {
    const at = element.current;
    if (!at) return undefined;
    // React listens to wheels passively: it could not keep the page from zooming along.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onWheel = (event: WheelEvent) => {
      clearTimeout(timer);
      if (!event.ctrlKey && !event.metaKey) {
        setPlain(true);
        timer = setTimeout(() => setPlain(false), hintFor);
        return;
      }
      setPlain(false);
      event.preventDefault();
      const { left, top } = at.getBoundingClientRect();
      const pointer = { x: event.clientX - left, y: event.clientY - top };
      change((from, size) => zoomed(from, size, Math.exp(-event.deltaY / 200), pointer));
    };
    at.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      clearTimeout(timer);
      at.removeEventListener('wheel', onWheel);
    };
  }, [element, change]);
  return plain;
}
