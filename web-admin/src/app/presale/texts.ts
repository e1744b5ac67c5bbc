import type { SameKeys } from "@/lib/i18n";

const zh = {
  nav: "预售",
  title: "预售活动",
  empty: "还没有预售活动。",
  state: { DRAFT: "草稿", PUBLISHED: "已发布", PAUSED: "已暂停", ENDED: "预售结束" },
  mode: { DEPOSIT: "定金预售", FULL: "全款预售" },
  forfeits: "定金不退",
  refunds: "定金可退",
  of: "{{paid}} / {{reserved}} 件",
  columns: {
    presale: "活动",
    state: "状态",
    mode: "方式",
    price: "预售价",
    deposit: "定金",
    left: "剩余",
    paid: "付清 / 已订",
    endsAt: "预售截止",
    balanceUntil: "尾款截止",
    actions: "操作",
  },
  action: {
    publish: {
      name: "发布",
      question: "发布“{{title}}”？",
      effect: "发布之后承诺不能再改；到了开始时间就能预订。",
      done: "已发布",
    },
    pause: { name: "暂停", question: "暂停“{{title}}”？", effect: "不再接受新的预订，尾款照常支付。", done: "已暂停" },
    resume: { name: "恢复", question: "恢复“{{title}}”？", effect: "重新接受预订。", done: "已恢复" },
    end: {
      name: "提前结束",
      question: "提前结束“{{title}}”？",
      effect: "不再接受预订；已经付定金的顾客仍按原来的时间付尾款。",
      done: "已结束",
    },
    copy: { name: "复制", question: "复制“{{title}}”？", effect: "生成一份从现在开始的草稿。", done: "已复制为草稿" },
  },
};

const en: SameKeys<typeof zh> = {
  nav: "Presale",
  title: "Presales",
  empty: "No presales yet.",
  state: { DRAFT: "Draft", PUBLISHED: "Published", PAUSED: "Paused", ENDED: "Sold" },
  mode: { DEPOSIT: "Deposit first", FULL: "Paid in full" },
  forfeits: "deposit is lost",
  refunds: "deposit goes back",
  of: "{{paid}} / {{reserved}} pieces",
  columns: {
    presale: "Presale",
    state: "State",
    mode: "Way",
    price: "Price",
    deposit: "Deposit",
    left: "Left",
    paid: "Paid / reserved",
    endsAt: "Sells until",
    balanceUntil: "Balance until",
    actions: "Actions",
  },
  action: {
    publish: {
      name: "Publish",
      question: "Publish “{{title}}”?",
      effect: "What it promises is frozen then; pieces can be reserved from its start on.",
      done: "Published",
    },
    pause: {
      name: "Pause",
      question: "Pause “{{title}}”?",
      effect: "Nobody new reserves; balances are paid as before.",
      done: "Paused",
    },
    resume: {
      name: "Resume",
      question: "Resume “{{title}}”?",
      effect: "Pieces can be reserved again.",
      done: "Resumed",
    },
    end: {
      name: "End early",
      question: "End “{{title}}” early?",
      effect: "Nobody new reserves; who paid down pays the balance in its own time.",
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

export const presaleTexts = { "zh-CN": zh, en };
