'use client';

import {
  createContext,
  useContext,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import { isForTheFocus, matchShortcut, nameOfPress, sequenceTime } from './shortcuts';

/** Something a person can do now, wherever it is offered: in the palette, by a key, in the keyboard help. */
export interface PaletteAction {
  /** Unique on the page, for example `projects.new`. */
  id: string;
  /** Words in the reader's language. */
  label: string;
  /** Heading it stands under. */
  group: string;
  /** For example `mod+k`, `?` or `g p`. */
  shortcut?: string;
  /** Further words it is found by. */
  keywords?: string[];
  run(): void;
}

interface Registry {
  actions: readonly PaletteAction[];
  register: (owner: string, actions: readonly PaletteAction[]) => void;
  remove: (owner: string) => void;
}

const RegistryContext = createContext<Registry | undefined>(undefined);

/** Holds the actions of everything on screen and listens for their shortcuts. */
export function ActionsProvider({ children }: { children: ReactNode }) {
  const [byOwner, setByOwner] = useState<ReadonlyMap<string, readonly PaletteAction[]>>(new Map());
  const registry = useMemo<Registry>(
    () => ({
      actions: [...byOwner.values()].flat(),
      register: (owner, actions) => {
        setByOwner((before) => new Map(before).set(owner, actions));
      },
      remove: (owner) => {
        setByOwner((before) => new Map([...before].filter(([name]) => name !== owner)));
      },
    }),
    [byOwner],
  );
  useShortcuts(registry.actions);
  return <RegistryContext.Provider value={registry}>{children}</RegistryContext.Provider>;
}

/** Every action that can be done now. */
export function useActions(): readonly PaletteAction[] {
  return useRegistry().actions;
}

/**
 * Offers actions while the calling component is on screen.
 *
 * @param actions what can be done; memoise it, a new array registers anew
 */
export function usePaletteActions(actions: readonly PaletteAction[]): void {
  const owner = useId();
  const { register, remove } = useRegistryFunctions();
  useEffect(() => {
    register(owner, actions);
    return () => {
      remove(owner);
    };
  }, [owner, actions, register, remove]);
}

function useRegistry(): Registry {
  const registry = useContext(RegistryContext);
  if (!registry) throw new Error('ActionsProvider is missing above this component.');
  return registry;
}

// The functions of the first render: setState functions never change, so neither do these need to.
function useRegistryFunctions(): Pick<Registry, 'register' | 'remove'> {
  const registry = useRegistry();
  const [functions] = useState({ register: registry.register, remove: registry.remove });
  return functions;
}

function useShortcuts(actions: readonly PaletteAction[]): void {
  const before = useRef<{ press: string; at: number } | undefined>(undefined);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const press = nameOfPress(event);
      if (press === undefined || event.defaultPrevented || isForTheFocus(event.target, press)) return;
      const recent = before.current;
      before.current = undefined;
      const withKeys = actions.filter((action) => action.shortcut !== undefined);
      const match = matchShortcut(
        withKeys.map((action) => action.shortcut ?? ''),
        recent && event.timeStamp - recent.at < sequenceTime ? recent.press : undefined,
        press,
      );
      if (match === 'begun') before.current = { press, at: event.timeStamp };
      else if (match) {
        event.preventDefault();
        withKeys.find((action) => action.shortcut === match.shortcut)?.run();
      }
    };
    window.addEventListener('keydown', listen);
    return () => {
      window.removeEventListener('keydown', listen);
    };
  }, [actions]);
}
