// The steps of one sale.
import { graphql } from "@/lib/graphql";
import { PlayActions } from "@/lib/play-actions";
import { useWrite } from "@/lib/query";

const publishDocument = graphql(`
  mutation FlashSalePublish($input: FlashSaleIdInput!) {
    flashSalePublish(input: $input) { flashSale { id state } userErrors { code message } }
  }
`);
const pauseDocument = graphql(`
  mutation FlashSalePause($input: FlashSaleIdInput!) {
    flashSalePause(input: $input) { flashSale { id state } userErrors { code message } }
  }
`);
const resumeDocument = graphql(`
  mutation FlashSaleResume($input: FlashSaleIdInput!) {
    flashSaleResume(input: $input) { flashSale { id state } userErrors { code message } }
  }
`);
const endDocument = graphql(`
  mutation FlashSaleEndEarly($input: FlashSaleIdInput!) {
    flashSaleEndEarly(input: $input) { flashSale { id state } userErrors { code message } }
  }
`);
const copyDocument = graphql(`
  mutation FlashSaleCopy($input: FlashSaleIdInput!) {
    flashSaleCopy(input: $input) { flashSale { id state } userErrors { code message } }
  }
`);

export function SaleActions({
  sale,
  size = "middle",
}: {
  sale: { id: string; title: string; state: string };
  size?: "small" | "middle";
}) {
  const publish = useWrite(publishDocument);
  const pause = useWrite(pauseDocument);
  const resume = useWrite(resumeDocument);
  const end = useWrite(endDocument);
  const copy = useWrite(copyDocument);
  const input = { input: { id: sale.id } };
  return (
    <PlayActions
      namespace="flashSale"
      play={sale}
      size={size}
      run={{
        publish: async () => (await publish.mutateAsync(input)).flashSalePublish,
        pause: async () => (await pause.mutateAsync(input)).flashSalePause,
        resume: async () => (await resume.mutateAsync(input)).flashSaleResume,
        end: async () => (await end.mutateAsync(input)).flashSaleEndEarly,
        copy: async () => (await copy.mutateAsync(input)).flashSaleCopy,
      }}
    />
  );
}
