// One team, live: every seat as it fills, how many are still needed, and the time left by the server's clock.
import {
  CheckCircleFilled,
  ClockCircleFilled,
  CloseCircleFilled,
  CrownFilled,
  RobotOutlined,
  UserAddOutlined,
} from "@ant-design/icons";
import { useParams } from "@tanstack/react-router";
import { Alert, Card, Descriptions, Progress, Result, Skeleton, Timeline } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { GroupBuyTeamProgressSubscription } from "@/gql/graphql";
import { ConnectionPill } from "@/lib/connection";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { StateTag, When } from "@/lib/list-page";
import { useLive } from "@/lib/live";
import { Announce, Page } from "@/lib/page";
import { Face } from "@/lib/parts";
import { clockOf, countdown, formatClock, useRemaining } from "@/lib/time";
import { seatStates, teamStates } from "./states";
import { type Change, changes } from "./team-changes";

const progressDocument = graphql(`
  subscription GroupBuyTeamProgress($id: ID!, $after: String) {
    groupBuyTeamProgress(id: $id, after: $after) {
      cursor gap serverTime
      team {
        id state size seatsTaken seatsHeld virtualSeats needed deadline openedAt formedAt
        seats { seatNo state isLeader joinedAt customer { id nickname avatarUrl } }
        groupBuy { id title }
      }
    }
  }
`);

export type Team = GroupBuyTeamProgressSubscription["groupBuyTeamProgress"]["team"];
type Seat = Team["seats"][number];
type Seen = Change & { at: number; key: number };

export default function GroupBuyTeamPage() {
  const { t, i18n } = useTranslation("groupBuy");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const [seen, setSeen] = useState<Seen[]>([]);
  const live = useLive(
    progressDocument,
    { id },
    (answer) => answer.groupBuyTeamProgress,
    (frame, previous) => {
      const news = changes(previous?.team, frame.team);
      const at = Date.parse(frame.serverTime);
      if (news.length > 0)
        setSeen((old) => [...news.map((change, n) => ({ ...change, at, key: old.length + n })), ...old].slice(0, 50));
    },
  );
  const team = live.frame?.team;
  const say = (change: Change) =>
    t(`change.${change.kind}`, { name: change.name ?? t("somebody"), seat: change.seatNo });

  if (live.error && !team) {
    return live.error.code === "NOT_FOUND" ? (
      <Result status="404" title={tCommon("gone")} />
    ) : (
      <Failed error={live.error} />
    );
  }
  if (!team) return <Skeleton active title paragraph={{ rows: 8 }} />;
  const leader = team.seats.find((seat) => seat.isLeader)?.customer?.nickname;
  const seats = everySeat(team);
  return (
    <Page
      title={leader ? t("teamOf", { name: leader }) : t("teamNobody")}
      crumbs={[
        { label: t("title"), to: "/group-buy" },
        { label: team.groupBuy.title, to: `/group-buy/${team.groupBuy.id}` },
      ]}
      aside={<StateTag states={teamStates} value={team.state} />}
      actions={<ConnectionPill />}
    >
      <Announce text={seen[0] ? say(seen[0]) : ""} />
      {live.frame?.gap && <Alert className="gap-note" type="warning" showIcon closable title={tCommon("live.gap")} />}
      <div className="team-layout">
        <Card className={`team team-${team.state.toLowerCase()}`} data-testid="team">
          <Banner team={team} offset={live.offset} />
          <Progress
            percent={(100 * team.seatsTaken) / team.size}
            showInfo={false}
            strokeColor={team.state === "FAILED" ? "#cf3b3b" : { from: "#ff8a4c", to: "#5b4be1" }}
            aria-label={t("seatsOf", { taken: team.seatsTaken, size: team.size })}
          />
          <ul className="seats" aria-label={t("seats")}>
            {seats.map((seat, n) => (
              <SeatCircle
                key={`${seat.seatNo}-${seat.joinedAt}`}
                seat={seat}
                filled={n >= seats.length - team.virtualSeats}
              />
            ))}
          </ul>
        </Card>
        <div className="team-side">
          <Card size="small" title={t("facts")}>
            <Descriptions
              size="small"
              column={1}
              items={[
                {
                  key: "size",
                  label: t("columns.filled"),
                  children: t("seatsOf", { taken: team.seatsTaken, size: team.size }),
                },
                { key: "opened", label: t("columns.openedAt"), children: <When at={team.openedAt} /> },
                { key: "deadline", label: t("columns.deadline"), children: <When at={team.deadline} /> },
                ...(team.formedAt
                  ? [{ key: "formed", label: t("formedAt"), children: <When at={team.formedAt} /> }]
                  : []),
                { key: "id", label: t("id"), children: <code className="id">{team.id}</code> },
              ]}
            />
          </Card>
          <Card size="small" title={t("happening")}>
            {seen.length === 0 ? (
              <p className="quiet">{t("quiet")}</p>
            ) : (
              <Timeline
                items={seen.map((change) => ({
                  key: change.key,
                  color: colorOf[change.kind],
                  content: (
                    <>
                      <time className="numeric quiet">{formatClock(change.at, i18n.language)}</time> {say(change)}
                    </>
                  ),
                }))}
              />
            )}
          </Card>
        </div>
      </div>
    </Page>
  );
}

const colorOf: Record<Change["kind"], string> = {
  reserved: "gold",
  confirmed: "green",
  released: "gray",
  refunded: "red",
  opened: "blue",
  formed: "green",
  failed: "red",
};

function Banner({ team, offset }: { team: Team; offset: number }) {
  const { t } = useTranslation("groupBuy");
  const left = countdown(useRemaining(team.deadline, offset));
  if (team.state === "FORMED") {
    return (
      <div className="banner good">
        <CheckCircleFilled />
        <div>
          <strong>{t("banner.formed")}</strong>
          <p>{t("banner.formedText")}</p>
        </div>
      </div>
    );
  }
  if (team.state === "FAILED") {
    return (
      <div className="banner bad">
        <CloseCircleFilled />
        <div>
          <strong>{t("banner.failed")}</strong>
          <p>{t("banner.failedText")}</p>
        </div>
      </div>
    );
  }
  return (
    <div className="banner open">
      <ClockCircleFilled />
      <div>
        <strong data-testid="needed">
          {team.state === "PENDING" ? t("banner.pending") : t("banner.needed", { count: team.needed })}
        </strong>
        <p>
          {team.seatsHeld > 0 && <>{t("held", { count: team.seatsHeld })} · </>}
          {team.deadline ? (left.over ? t("banner.over") : t("banner.openText")) : t("banner.waiting")}
        </p>
      </div>
      {team.deadline && !left.over && (
        <div className="clock" role="timer" aria-label={t("remaining")}>
          {left.days > 0 && <small>{t("days", { count: left.days })}</small>}
          <span className="numeric">{clockOf(left)}</span>
        </div>
      )}
    </div>
  );
}

/** The seats in their order: who sits there (or sat, once it is over), what the system filled, what is free. */
function everySeat(team: Team): Seat[] {
  const taken = team.seats.filter(
    (seat) => seat.state !== "RELEASED" && (seat.state !== "REFUNDED" || team.state === "FAILED"),
  );
  const numbers = new Set(taken.map((seat) => seat.seatNo));
  const rest = Array.from({ length: team.size + taken.length }, (_, n) => n + 1)
    .filter((seatNo) => !numbers.has(seatNo))
    .slice(0, Math.max(0, team.size - taken.length))
    .map((seatNo): Seat => ({ seatNo, state: "RELEASED", isLeader: false, customer: null, joinedAt: "" }));
  return [...taken, ...rest].sort((a, b) => a.seatNo - b.seatNo);
}

function SeatCircle({ seat, filled }: { seat: Seat; filled: boolean }) {
  const { t } = useTranslation("groupBuy");
  if (seat.state === "RELEASED") {
    return (
      <li className="seat free" data-seat={filled ? "virtual" : "free"}>
        <span className="circle">{filled ? <RobotOutlined /> : <UserAddOutlined />}</span>
        <span className="quiet free-label">{filled ? t("virtual") : t("free")}</span>
      </li>
    );
  }
  const customer = seat.customer ?? { id: "?", nickname: t("somebody") };
  return (
    <li className={`seat ${seat.state.toLowerCase()}`} data-seat={seat.state}>
      <span className="circle">
        <Face customer={customer} size={72} />
        {seat.isLeader && <CrownFilled className="crown" aria-label={t("leader")} />}
      </span>
      <span className="name">{customer.nickname}</span>
      <StateTag states={seatStates} value={seat.state} />
    </li>
  );
}
