// The frame of the pages before the console: sign-in and the first visit.
import type { ReactNode } from "react";

import { Mark } from "../ui/icons";

export function Front({ children }: { children: ReactNode }) {
  return (
    <div className="dots flex min-h-dvh flex-col items-center px-4 py-10 sm:justify-center">
      <p className="mb-7 flex items-center gap-2.5 rounded-full bg-paper px-4 py-1 text-2xl font-semibold tracking-[-0.03em]">
        <Mark className="size-8" />
        punktfunk
      </p>
      {children}
    </div>
  );
}
