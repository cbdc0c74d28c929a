import type { ComponentProps, ReactNode } from "react";

import { Icon, type IconName } from "./icons";

export type Look = "primary" | "plain" | "quiet" | "danger" | "destroy";

const base =
  "inline-flex items-center justify-center gap-2 rounded-full font-semibold whitespace-nowrap transition-colors select-none " +
  "disabled:opacity-55 disabled:cursor-not-allowed aria-busy:cursor-progress";
const looks: Record<Look, string> = {
  primary: "bg-accent text-on-accent enabled:hover:bg-accent-ink enabled:active:scale-[0.98]",
  plain: "border border-edge bg-surface text-ink enabled:hover:bg-sunken",
  quiet: "text-ink enabled:hover:bg-sunken",
  danger: "border border-danger/60 text-danger enabled:hover:bg-danger-soft",
  destroy: "bg-danger text-on-danger enabled:hover:opacity-90",
};
const sizes = { md: "min-h-11 px-5", sm: "min-h-9 px-3.5 text-sm" };

export function buttonClass(look: Look = "plain", size: keyof typeof sizes = "md"): string {
  return `${base} ${looks[look]} ${sizes[size]}`;
}

interface ButtonProps extends ComponentProps<"button"> {
  look?: Look;
  size?: keyof typeof sizes;
  icon?: IconName;
  busy?: boolean;
  children: ReactNode;
}

export function Button({ look = "plain", size = "md", icon, busy = false, children, className = "", disabled, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} disabled={disabled || busy} aria-busy={busy} className={`${buttonClass(look, size)} ${className}`}>
      {icon && <Icon name={icon} className={size === "sm" ? "size-4" : "size-5"} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  icon: IconName;
  label: string;
}

export function IconButton({ icon, label, className = "", ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`inline-flex size-10 items-center justify-center rounded-full text-muted transition-colors hover:bg-sunken hover:text-ink ${className}`}
    >
      <Icon name={icon} />
    </button>
  );
}
