// Pictures in a form: several at once, each with its progress, in the order that was chosen. Everything a mouse can do,
// a keyboard can.
import { DeleteOutlined, LeftOutlined, PlusOutlined, ReloadOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Progress, Tag } from "antd";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { messageKey } from "@/lib/boundary";
import { freshKey } from "@/lib/key";
import { Announce } from "@/lib/page";
import { changed, moved, type Shot, shotsProblem } from "@/lib/shots";
import { PictureRefused, pictureTypes, upload } from "@/lib/upload";

/** The rule of a question for pictures: all of them have arrived. */
export function useShotsRule() {
  const { t } = useTranslation();
  return {
    validator: async (_: unknown, shots?: Shot[]) => {
      const problem = shotsProblem(shots);
      if (problem) throw new Error(t(problem));
    },
  };
}

export function Pictures({
  id,
  value = [],
  onChange,
  most,
  cover = false,
  compact = false,
  "aria-label": label,
}: {
  id?: string;
  value?: Shot[];
  onChange?: (shots: Shot[]) => void;
  most: number;
  /** The first one stands for all. */
  cover?: boolean;
  /** One small tile without words, for a cell of a table. */
  compact?: boolean;
  "aria-label"?: string;
}) {
  const { t } = useTranslation();
  const [said, say] = useState("");
  const [over, setOver] = useState(false);
  const fallback = useId();
  const chooser = useRef<HTMLInputElement>(null);
  const dragged = useRef<number>(undefined);
  // Uploads end long after the render they began in: they change what the form holds then.
  const now = useRef(value);
  now.current = value;
  const sending = useRef(new Map<string, { file: File; stop: AbortController }>());
  useEffect(() => {
    const all = sending.current;
    return () => {
      for (const { stop } of all.values()) stop.abort();
    };
  }, []);

  const set = (shots: Shot[]) => {
    now.current = shots;
    onChange?.(shots);
  };
  const tell = (key: string, news: Partial<Shot>) => set(changed(now.current, key, news));

  const send = async (key: string, file: File) => {
    const stop = new AbortController();
    sending.current.set(key, { file, stop });
    tell(key, { progress: 0, problem: undefined });
    try {
      const { id, url } = await upload(file, (progress) => tell(key, { progress }), stop.signal);
      tell(key, { id, url, progress: undefined });
      sending.current.delete(key);
      say(t("pictures.arrived", { name: file.name }));
    } catch (error) {
      if (stop.signal.aborted) return;
      const problem = error instanceof PictureRefused ? error.message : t(messageKey(error as Error));
      tell(key, { progress: undefined, problem });
      say(`${file.name}: ${problem}`);
    }
  };

  const add = (files: FileList | null) => {
    const fresh = [...(files ?? [])].slice(0, most - now.current.length).map((file) => ({ file, key: freshKey() }));
    if (fresh.length === 0) return;
    set([
      ...now.current,
      ...fresh.map(({ file, key }) => ({ key, name: file.name, url: URL.createObjectURL(file), progress: 0 })),
    ]);
    for (const { file, key } of fresh) send(key, file);
  };

  const remove = (shot: Shot) => {
    sending.current.get(shot.key)?.stop.abort();
    sending.current.delete(shot.key);
    set(now.current.filter(({ key }) => key !== shot.key));
    say(t("pictures.removed"));
    chooser.current?.nextElementSibling?.querySelector("button")?.focus();
  };

  const place = (from: number, to: number) => {
    set(moved(now.current, from, to));
    say(t("pictures.placed", { place: to + 1, of: now.current.length }));
  };

  return (
    <section
      className={`pictures${compact ? " compact" : ""}${over ? " over" : ""}`}
      aria-label={label ?? t("pictures.name")}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        if (event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        add(event.dataTransfer.files);
      }}
    >
      <Announce text={said} />
      <input
        ref={chooser}
        id={id ?? fallback}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-label={label ?? t("pictures.choose")}
        accept={pictureTypes.join()}
        multiple={most > 1}
        onChange={(event) => {
          add(event.target.files);
          event.target.value = "";
        }}
      />
      <ol>
        {value.map((shot, nth) => (
          <li
            key={shot.key}
            className={shot.problem ? "shot broken" : "shot"}
            draggable={most > 1}
            onDragStart={() => {
              dragged.current = nth;
            }}
            onDragOver={(event) => dragged.current !== undefined && event.preventDefault()}
            onDrop={(event) => {
              if (dragged.current === undefined) return;
              event.preventDefault();
              place(dragged.current, nth);
              dragged.current = undefined;
            }}
          >
            <img src={shot.url} alt={shot.name || t("pictures.nth", { n: nth + 1 })} />
            {cover && nth === 0 && <Tag className="shot-cover">{t("pictures.cover")}</Tag>}
            {shot.progress !== undefined && (
              <Progress
                className="shot-progress"
                size="small"
                percent={Math.round(shot.progress * 100)}
                showInfo={false}
                aria-label={t("pictures.progress", { name: shot.name })}
              />
            )}
            {shot.problem && (
              <p className="shot-problem" title={shot.problem}>
                {shot.problem}
              </p>
            )}
            <span className="shot-tools">
              {most > 1 && (
                <Button
                  size="small"
                  type="text"
                  icon={<LeftOutlined className="flips" />}
                  disabled={nth === 0}
                  aria-label={t("pictures.earlier", { n: nth + 1 })}
                  onClick={() => place(nth, nth - 1)}
                />
              )}
              {shot.problem && sending.current.has(shot.key) && (
                <Button
                  size="small"
                  type="text"
                  icon={<ReloadOutlined />}
                  aria-label={t("pictures.again", { name: shot.name })}
                  onClick={() => {
                    const file = sending.current.get(shot.key)?.file;
                    if (file) send(shot.key, file);
                  }}
                />
              )}
              <Button
                size="small"
                type="text"
                danger
                icon={<DeleteOutlined />}
                aria-label={t("pictures.remove", { n: nth + 1 })}
                onClick={() => remove(shot)}
              />
              {most > 1 && (
                <Button
                  size="small"
                  type="text"
                  icon={<RightOutlined className="flips" />}
                  disabled={nth === value.length - 1}
                  aria-label={t("pictures.later", { n: nth + 1 })}
                  onClick={() => place(nth, nth + 1)}
                />
              )}
            </span>
          </li>
        ))}
        {value.length < most && (
          <li>
            <Button
              className="shot-add"
              type="dashed"
              icon={<PlusOutlined />}
              aria-label={label ? `${t("pictures.add")}: ${label}` : t("pictures.add")}
              onClick={() => chooser.current?.click()}
            >
              {!compact && t("pictures.add")}
            </Button>
          </li>
        )}
      </ol>
    </section>
  );
}
