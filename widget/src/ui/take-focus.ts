/**
 * Moves the focus to the heading of a screen that replaced the one which held it. A page that has just loaded, or a
 * visitor who is busy elsewhere in the page, is left alone.
 */
export function takeFocus(target: HTMLElement | null): void {
  const lost = document.activeElement === document.body || document.activeElement === null;
  if (lost && navigator.userActivation?.hasBeenActive) target?.focus({ preventScroll: true });
}
