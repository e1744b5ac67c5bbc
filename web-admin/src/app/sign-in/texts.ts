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
};

export const signInTexts = { "zh-CN": zh, en };
