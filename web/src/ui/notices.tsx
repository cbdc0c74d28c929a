// Short words about what was just done, at the foot of the page; they go by themselves.
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";

import { Icon } from "./icons";

const NoticeContext = createContext<(text: string) => void>(() => {});
export const useNotice = () => useContext(NoticeContext);

const kShownMs = 4000;

export function NoticeProvider({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<{ id: number; text: string }[]>([]);
  const next = useRef(0);
  const tell = useCallback((text: string) => {
    const id = next.current++;
    setNotices((all) => [...all.slice(-2), { id, text }]);
    setTimeout(() => setNotices((all) => all.filter((notice) => notice.id !== id)), kShownMs);
  }, []);
  return (
    <NoticeContext value={tell}>
      {children}
      <div role="status" className="pointer-events-none fixed inset-x-0 bottom-24 z-30 flex flex-col items-center gap-2 px-4 lg:bottom-8">
        {notices.map(({ id, text }) => (
          <p key={id} className="arrive flex items-center gap-2 rounded-full bg-ink px-5 py-2.5 font-medium text-paper shadow-lift">
            <Icon name="check" className="size-4" />
            {text}
          </p>
        ))}
      </div>
    </NoticeContext>
  );
}
