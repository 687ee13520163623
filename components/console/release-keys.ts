import { keysyms, type Keyboard } from './type-text';

/**
 * Lets go of the modifier keys in the guest. Without it a key held while the focus leaves stays down there for ever.
 *
 * @param keyboard the connection
 */
export function releaseKeys(keyboard: Keyboard): void {
  keyboard.sendKey(keysyms.ControlLeft, 'ControlLeft', false);
  keyboard.sendKey(keysyms.AltLeft, 'AltLeft', false);
  keyboard.sendKey(keysyms.ShiftLeft, 'ShiftLeft', false);
  keyboard.sendKey(keysyms.MetaLeft, 'MetaLeft', false);
}

/**
 * Presses several keys together and lets go in the other order.
 *
 * @param keyboard the connection
 * @param keys keysym and code of each, modifiers first
 */
export function pressTogether(keyboard: Keyboard, keys: readonly (readonly [number, string])[]): void {
  for (const [keysym, code] of keys) keyboard.sendKey(keysym, code, true);
  for (const [keysym, code] of keys.toReversed()) keyboard.sendKey(keysym, code, false);
}
