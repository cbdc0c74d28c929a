// The browser's own modal dialog: it traps the focus, closes by Escape, and gives the focus back.
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

import { useI18n } from "../i18n/i18n";
import { Button, IconButton } from "./button";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** Open as long as it is rendered. What is marked data-autofocus has the focus first (autoFocus would take it before the
 * dialog is open, and be what the focus goes back to). */
export function Dialog({ title, onClose, children }: DialogProps) {
  const { t } = useI18n();
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // While the dialog is in the document, so that closing it can give the focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose(); // the backdrop; the content fills the dialog
      }}
      className="arrive m-auto w-[min(32rem,calc(100vw-2rem))] rounded-card border border-line bg-surface p-0 text-ink shadow-lift max-sm:mb-0 max-sm:w-full max-sm:max-w-full max-sm:rounded-b-none"
    >
      <div className="p-6 sm:p-7">
        <div className="mb-4 flex items-start justify-between gap-4">
          <h2 id={heading} className="pt-1 text-xl font-semibold [overflow-wrap:anywhere]">
            {title}
          </h2>
          <IconButton icon="close" label={t.common.close} onClick={onClose} className="-mt-1 -mr-2" />
        </div>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  detail: string;
  action: string;
  busy: boolean;
  error?: ReactNode;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something is lost. */
export function Confirm({ title, detail, action, busy, error, onConfirm, onClose }: ConfirmProps) {
  const { t } = useI18n();
  return (
    <Dialog title={title} onClose={onClose}>
      <p className="text-muted">{detail}</p>
      {error}
      <div className="mt-7 flex flex-wrap justify-end gap-3">
        <Button look="quiet" onClick={onClose} data-autofocus>
          {t.common.cancel}
        </Button>
        <Button look="destroy" busy={busy} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
