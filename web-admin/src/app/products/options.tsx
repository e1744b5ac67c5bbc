// What a buyer chooses between: up to three things, each with its values. The variants follow from them.
import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Space } from "antd";
import { useTranslation } from "react-i18next";
import { useRequired } from "@/lib/form-drawer";
import { type Axis, MOST_OPTIONS, MOST_VALUES, nextKey } from "./article";

/** What most articles are chosen by. */
const usual = {
  colour: { zhCn: "颜色", en: "Colour" },
  size: { zhCn: "尺码", en: "Size" },
  other: {},
} as const;

export function Options() {
  const { t } = useTranslation("products");
  const form = Form.useFormInstance();
  const required = useRequired();
  const key = () => nextKey((form.getFieldValue("options") ?? []) as Axis[]);
  const focus = (...path: (string | number)[]) =>
    setTimeout(() => document.getElementById(["options", ...path].join("_"))?.focus());

  return (
    <>
      <p className="quiet">{t("form.optionsHelp")}</p>
      <Form.List name="options">
        {(axes, { add, remove }) => (
          <>
            {axes.map((axis) => (
              <fieldset key={axis.key}>
                <legend>{t("form.option", { n: axis.name + 1 })}</legend>
                <Button
                  className="rung-remove"
                  type="text"
                  icon={<MinusCircleOutlined />}
                  aria-label={t("form.removeOption", { n: axis.name + 1 })}
                  onClick={() => remove(axis.name)}
                />
                <div className="two">
                  <Form.Item name={[axis.name, "name", "zhCn"]} label={t("form.optionZh")} rules={[required]}>
                    <Input maxLength={200} lang="zh-CN" placeholder={t("form.optionExample")} />
                  </Form.Item>
                  <Form.Item name={[axis.name, "name", "en"]} label={t("form.optionEn")}>
                    <Input maxLength={200} lang="en" />
                  </Form.Item>
                </div>
                <Form.List
                  name={[axis.name, "values"]}
                  rules={[
                    {
                      validator: async (_, values?: unknown[]) => {
                        if (!values?.length) throw new Error(t("form.valuesNone"));
                      },
                    },
                  ]}
                >
                  {(values, list, { errors }) => {
                    const another = () => {
                      if (values.length >= MOST_VALUES) return;
                      list.add({ key: key() });
                      focus(axis.name, "values", values.length, "zhCn");
                    };
                    const onPressEnter = (event: React.KeyboardEvent) => {
                      event.preventDefault();
                      another();
                    };
                    return (
                      <>
                        <div className="values-head">{t("form.values")}</div>
                        <ul className="values">
                          {values.map((value) => (
                            <li key={value.key}>
                              <Form.Item
                                name={[value.name, "zhCn"]}
                                rules={[
                                  required,
                                  {
                                    validator: async (_, typed?: string) => {
                                      const all: Axis["values"] = form.getFieldValue(["options", axis.name, "values"]);
                                      const same = all?.filter(({ zhCn }) => zhCn?.trim() === typed?.trim()).length;
                                      if (typed?.trim() && (same ?? 0) > 1) throw new Error(t("form.valueTwice"));
                                    },
                                  },
                                ]}
                              >
                                <Input
                                  maxLength={200}
                                  lang="zh-CN"
                                  placeholder={t("form.valueZh")}
                                  aria-label={t("form.valueZhOf", { n: value.name + 1, option: axis.name + 1 })}
                                  onPressEnter={onPressEnter}
                                />
                              </Form.Item>
                              <Form.Item name={[value.name, "en"]}>
                                <Input
                                  maxLength={200}
                                  lang="en"
                                  placeholder={t("form.valueEn")}
                                  aria-label={t("form.valueEnOf", { n: value.name + 1, option: axis.name + 1 })}
                                  onPressEnter={onPressEnter}
                                />
                              </Form.Item>
                              <Button
                                type="text"
                                icon={<MinusCircleOutlined />}
                                aria-label={t("form.removeValue", { n: value.name + 1, option: axis.name + 1 })}
                                onClick={() => list.remove(value.name)}
                              />
                            </li>
                          ))}
                        </ul>
                        <Form.ErrorList errors={errors} />
                        <Button
                          type="dashed"
                          icon={<PlusOutlined />}
                          disabled={values.length >= MOST_VALUES}
                          onClick={another}
                        >
                          {t("form.addValue")}
                        </Button>
                      </>
                    );
                  }}
                </Form.List>
              </fieldset>
            ))}
            {axes.length < MOST_OPTIONS && (
              <Space wrap>
                {(Object.keys(usual) as (keyof typeof usual)[]).map((which) => (
                  <Button
                    key={which}
                    type="dashed"
                    icon={<PlusOutlined />}
                    onClick={() => {
                      add({ name: { ...usual[which] }, values: [{ key: key() }] });
                      focus(axes.length, ...(which === "other" ? ["name", "zhCn"] : ["values", 0, "zhCn"]));
                    }}
                  >
                    {t(`form.addOption.${which}`)}
                  </Button>
                ))}
              </Space>
            )}
          </>
        )}
      </Form.List>
    </>
  );
}
