// Line icons on a 24 grid, drawn for this console. They decorate what has a text; a button that is only an icon has a label.

const shapes = {
  home: <path d="M4 11.5 12 5l8 6.5M6.5 10v9h11v-9" />,
  pairing: (
    <>
      <circle cx="6.8" cy="17.2" r="2.8" fill="currentColor" stroke="none" />
      <path d="M6.5 10a7.5 7.5 0 0 1 7.5 7.5M6.5 4.5a13 13 0 0 1 13 13" />
    </>
  ),
  devices: <path d="M3.5 6.5h12v9h-12zM7 19h5M17.5 9.5h3v9h-5v-3" />,
  library: <path d="M4.5 5h5v6h-5zM14.5 5h5v6h-5zM4.5 14h5v5h-5zM14.5 14h5v5h-5z" />,
  displays: <path d="M3.5 5.5h17v11h-17zM9 20h6M12 16.5V20" />,
  settings: <path d="M4 7h9M17 7h3M4 17h3M11 17h9M13 4.5v5M11 14.5v5" />,
  logs: <path d="M5 6.5h14M5 11.5h14M5 16.5h8" />,
  more: (
    <g fill="currentColor" stroke="none">
      <circle cx="5.5" cy="12" r="1.7" />
      <circle cx="12" cy="12" r="1.7" />
      <circle cx="18.5" cy="12" r="1.7" />
    </g>
  ),
  close: <path d="m6.5 6.5 11 11M17.5 6.5l-11 11" />,
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  plus: <path d="M12 5.5v13M5.5 12h13" />,
  edit: <path d="m5 19 .8-3.8L15.5 5.5l3 3-9.7 9.7z" />,
  trash: <path d="M5 7h14M9.5 7V4.5h5V7M7 7l.8 12h8.400L17 7M10.3 10.5v5.5M13.7 10.5v5.5" />,
  stop: <rect x="6.5" y="6.5" width="11" height="11" rx="2" fill="currentColor" stroke="none" />,
  keyframe: <path d="M12 4.5 19.5 12 12 19.5 4.5 12zM12 9.5v5M9.5 12h5" />,
  download: <path d="M12 4.5v10M7.5 10.5l4.5 4.5 4.5-4.5M5 19h14" />,
  pause: <path d="M9 6v12M15 6v12" />,
  play: <path d="M8 5.5v13l10-6.5z" fill="currentColor" />,
  search: <path d="M10.5 5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM14.7 14.7 19.5 19.5" />,
  copy: <path d="M9 9h10v10H9zM5 15V5h10" />,
  eye: <path d="M3 12s3.3-6 9-6 9 6 9 6-3.3 6-9 6-9-6-9-6zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z" />,
  eyeOff: <path d="M3 12s3.3-6 9-6c1.3 0 2.5.3 3.6.8M19 9.200A16 16 0 0 1 21 12s-3.3 6-9 6c-1.3 0-2.5-.3-3.6-.8M4.5 19.5l15-15" />,
  warning: <path d="M12 4.5 20.5 19h-17zM12 10v4.5M12 16.7v.1" />,
  expand: <path d="M9 5H5v4M15 5h4v4M9 19H5v-4M15 19h4v-4" />,
  mouse: <path d="M12 4.5a5 5 0 0 0-5 5v5a5 5 0 0 0 10 0v-5a5 5 0 0 0-5-5zM12 8v3" />,
  sound: <path d="M5 10v4h3l4 3.5v-11L8 10zM15.5 9.5a3.5 3.5 0 0 1 0 5M18 7a7 7 0 0 1 0 10" />,
  soundOff: <path d="M5 10v4h3l4 3.5v-11L8 10zM15.5 10l4 4M19.5 10l-4 4" />,
  keyboard: <path d="M3.5 7h17v10h-17zM7 10.5h.1M10.4 10.5h.1M13.7 10.5h.1M17 10.5h.1M8 14h8" />,
  reset: <path d="M5.5 9.5A7 7 0 1 1 5 13M5 5v4.5h4.5" />,
  down: <path d="m6.5 9.5 5.5 5.5 5.5-5.5" />,
  lock: <path d="M6.5 11h11v8h-11zM9 11V8a3 3 0 0 1 6 0v3" />,
  signOut: <path d="M13.5 5H6v14h7.5M10.5 12H20M16.5 8.5 20 12l-3.5 3.5" />,
};

export type IconName = keyof typeof shapes;

export function Icon({ name, className = "size-5" }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {shapes[name]}
    </svg>
  );
}

/** punktfunk: a point (Punkt) that sends (Funk). */
export function Mark({ className = "size-8" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={`shrink-0 text-accent ${className}`} fill="none" aria-hidden="true">
      <circle cx="9" cy="23" r="5" fill="currentColor" />
      <path d="M9 12.5A10.5 10.5 0 0 1 19.5 23M9 5a18 18 0 0 1 18 18" stroke="currentColor" strokeWidth="3" strokeLinecap="round" />
    </svg>
  );
}
