// Facts about an article: "Origin", "Wuyi Mountain".
import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { useRequired } from "@/lib/form-drawer";

const cells = [
  { of: "name", in: "zhCn" },
  { of: "value", in: "zhCn" },
  { of: "name", in: "en" },
  { of: "value", in: "en" },
] as const;

export function Facts() {
  const { t } = useTranslation("products");
  const required = useRequired();
  return (
    <Form.List name="facts">
      {(facts, { add, remove }) => (
        <fieldset>
          <legend>{t("form.facts")}</legend>
          <p className="quiet">{t("form.factsHelp")}</p>
          <ul className="values facts-list">
            {facts.map((fact) => (
              <li key={fact.key}>
                {cells.map((cell) => (
                  <Form.Item
                    key={`${cell.of}${cell.in}`}
                    name={[fact.name, cell.of, cell.in]}
                    rules={cell.in === "zhCn" ? [required] : []}
                  >
                    <Input
                      maxLength={200}
                      lang={cell.in === "zhCn" ? "zh-CN" : "en"}
                      placeholder={t(`form.fact.${cell.of}.${cell.in}`)}
                      aria-label={`${t(`form.fact.${cell.of}.${cell.in}`)} ${fact.name + 1}`}
                    />
                  </Form.Item>
                ))}
                <Button
                  type="text"
                  icon={<MinusCircleOutlined />}
                  aria-label={t("form.removeFact", { n: fact.name + 1 })}
                  onClick={() => remove(fact.name)}
                />
              </li>
            ))}
          </ul>
          <Button type="dashed" icon={<PlusOutlined />} disabled={facts.length >= 50} onClick={() => add({})}>
            {t("form.addFact")}
          </Button>
        </fieldset>
      )}
    </Form.List>
  );
}
