import type { SameKeys } from "@/lib/i18n";

const zh = {
  nav: "众筹",
  title: "众筹活动",
  empty: "还没有众筹活动。",
  state: { DRAFT: "草稿", PUBLISHED: "众筹中", PAUSED: "已暂停", SUCCEEDED: "众筹成功", FAILED: "众筹失败" },
  keepsAll: "未达标也发货",
  allOrNothing: "未达标全额退款",
  pieces: "{{count}} 件",
  columns: {
    crowdfunding: "活动",
    state: "状态",
    funding: "规则",
    goal: "目标",
    raised: "已筹",
    progress: "进度",
    backers: "支持者",
    endsAt: "截止时间",
    actions: "操作",
  },
  action: {
    publish: {
      name: "发布",
      question: "发布“{{title}}”？",
      effect: "发布之后承诺不能再改；到了开始时间就能支持。",
      done: "已发布",
    },
    pause: { name: "暂停", question: "暂停“{{title}}”？", effect: "不再接受新的支持，倒计时继续。", done: "已暂停" },
    resume: { name: "恢复", question: "恢复“{{title}}”？", effect: "重新接受支持。", done: "已恢复" },
    end: {
      name: "提前结束",
      question: "提前结束“{{title}}”？",
      effect: "按现在筹到的金额定成败：成功就发货，失败就全部退款。",
      done: "已结束",
    },
    copy: { name: "复制", question: "复制“{{title}}”？", effect: "生成一份从现在开始的草稿。", done: "已复制为草稿" },
  },
};

const en: SameKeys<typeof zh> = {
  nav: "Crowdfunding",
  title: "Crowdfundings",
  empty: "No crowdfundings yet.",
  state: { DRAFT: "Draft", PUBLISHED: "Gathering", PAUSED: "Paused", SUCCEEDED: "Succeeded", FAILED: "Failed" },
  keepsAll: "made even when missed",
  allOrNothing: "all or nothing",
  pieces: "{{count}} pieces",
  columns: {
    crowdfunding: "Crowdfunding",
    state: "State",
    funding: "Rule",
    goal: "Goal",
    raised: "Raised",
    progress: "Progress",
    backers: "Backers",
    endsAt: "Until",
    actions: "Actions",
  },
  action: {
    publish: {
      name: "Publish",
      question: "Publish “{{title}}”?",
      effect: "What it promises is frozen then; it gathers from its start on.",
      done: "Published",
    },
    pause: {
      name: "Pause",
      question: "Pause “{{title}}”?",
      effect: "Nobody new pledges; the clock goes on.",
      done: "Paused",
    },
    resume: {
      name: "Resume",
      question: "Resume “{{title}}”?",
      effect: "Rewards can be pledged for again.",
      done: "Resumed",
    },
    end: {
      name: "End early",
      question: "End “{{title}}” early?",
      effect: "It succeeds or fails by what is raised now: rewards are shipped, or every pledge goes back.",
      done: "Ended",
    },
    copy: {
      name: "Copy",
      question: "Copy “{{title}}”?",
      effect: "Makes a draft that begins now.",
      done: "Copied to a draft",
    },
  },
};

export const crowdfundingTexts = { "zh-CN": zh, en };
