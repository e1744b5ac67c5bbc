import type { SameKeys } from "@/lib/i18n";

const zh = {
  title: "登录管理后台",
  lead: "看着每一个团，一人一人地满起来。",
  email: "邮箱",
  password: "密码",
  totp: "动态验证码",
  totpHelp: "打开手机上的验证器应用，输入当前的 6 位数字。",
  submit: "登录",
  verify: "验证并登录",
  other: "换个账号",
  expired: "登录已过期，请重新登录。登录后会回到刚才的页面。",
  emailMissing: "请输入邮箱",
  emailWrong: "这看起来不是一个邮箱地址",
  passwordMissing: "请输入密码",
  totpMissing: "请输入 6 位数字",
  choose: {
    title: "设置你自己的密码",
    lead: "你现在用的是别人交给你的一次性密码。设置好自己的密码就可以开始工作。",
    current: "一次性密码",
    new: "新密码",
    newHelp: "至少 12 个字符。一句只有你知道的话最好记。",
    again: "再输一遍",
    short: "至少 12 个字符",
    differs: "两遍不一样",
    submit: "保存并继续",
  },
};

const en: SameKeys<typeof zh> = {
  title: "Sign in to the back office",
  lead: "Watch every team fill up, one seat at a time.",
  email: "Email",
  password: "Password",
  totp: "One-time code",
  totpHelp: "Open the authenticator app on your phone and enter its current 6 digits.",
  submit: "Sign in",
  verify: "Verify and sign in",
  other: "Use another account",
  expired: "Your session has expired. Sign in again and you will be back where you were.",
  emailMissing: "Enter your email",
  emailWrong: "This does not look like an email address",
  passwordMissing: "Enter your password",
  totpMissing: "Enter the 6 digits",
  choose: {
    title: "Choose your own password",
    lead: "You came in with a one-time password somebody handed to you. Choose your own and start working.",
    current: "One-time password",
    new: "New password",
    newHelp: "12 characters at least. A sentence only you know is easy to remember.",
    again: "Once more",
    short: "12 characters at least",
    differs: "The two differ",
    submit: "Save and go on",
  },
};

export const signInTexts = { "zh-CN": zh, en };
