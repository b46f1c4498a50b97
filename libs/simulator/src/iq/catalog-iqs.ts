import type { BinaryNode } from '../baileys.js';
import type { Business, Product } from '../network/accounts/business.js';
import type { Directory } from '../network/directory.js';
import type { Random } from '../time/random.js';
import { bytes, child, children, stanza } from '../wire/stanza.js';
import { businessOf } from './business-iqs.js';
import { IqRefusal, type IqRegistry } from './registry.js';

/** Catalogs: products, collections and orders. Nodes as Baileys `Utils/business.js` writes and reads them. */
export function registerCatalogIqs(registry: IqRegistry, directory: Directory): void {
  registry
    .on('w:biz:catalog', 'get', 'product_catalog', ({ child: query }) => {
      const { products } = businessOf(directory.accountAt(query?.attrs.jid));
      const shown = products.filter(({ isHidden }) => !isHidden);
      const start = Number(textOf(query, 'after') || 0);
      const end = start + Number(textOf(query, 'limit') || 10);
      const paging = end < shown.length ? [stanza('paging', {}, [stanza('after', {}, Buffer.from(String(end)))])] : [];
      return [stanza('product_catalog', {}, [...shown.slice(start, end).map(productNode), ...paging])];
    })
    .on('w:biz:catalog', 'get', 'collections', ({ child: query }) => {
      const { collections, products } = businessOf(directory.accountAt(query?.attrs.biz_jid));
      const limit = Number(textOf(query, 'collection_limit') || 51);
      const nodes = collections.slice(0, limit).map(({ id, name, productIds }) => {
        const own = productIds.flatMap((productId) => products.find((product) => product.id === productId) ?? []);
        const status = stanza('status_info', {}, [...text('status', 'APPROVED'), ...text('can_appeal', 'false')]);
        return stanza('collection', {}, [...text('id', id), ...text('name', name), ...own.map(productNode), status]);
      });
      return [stanza('collections', {}, nodes)];
    })
    .on('w:biz:catalog', 'set', 'product_catalog_add', ({ account, child: change }) => {
      const business = businessOf(account);
      const product = { ...productOf(child(change, 'product')), id: newId(account.world.random) };
      business.products.push(product);
      return [stanza('product_catalog_add', {}, [productNode(product)])];
    })
    .on('w:biz:catalog', 'set', 'product_catalog_edit', ({ account, child: change }) => {
      const business = businessOf(account);
      const node = child(change, 'product');
      const index = business.products.findIndex(({ id }) => id === textOf(node, 'id'));
      const known = business.products[index];
      if (!known) throw new IqRefusal(404, 'item-not-found');
      const product = { ...known, ...productOf(node, known) };
      business.products[index] = product;
      return [stanza('product_catalog_edit', {}, [productNode(product)])];
    })
    .on('w:biz:catalog', 'set', 'product_catalog_delete', ({ account, child: change }) => {
      const business = businessOf(account);
      const gone = new Set(children(change, 'product').map((node) => textOf(node, 'id')));
      const left = business.products.filter(({ id }) => !gone.has(id));
      const count = business.products.length - left.length;
      business.products = left;
      return [stanza('product_catalog_delete', { deleted_count: count })];
    })
    .on('fb:thrift_iq', 'get', 'order', ({ child: query }) => {
      const token = textOf(query, 'token');
      for (const { card } of directory.accounts) {
        const order = card.business?.orders.find((one) => one.id === query?.attrs.id && one.token === token);
        if (order && card.business) return [orderNode(order, card.business)];
      }
      throw new IqRefusal(404, 'item-not-found');
    });
}

const text = (tag: string, value: string | number | undefined): BinaryNode[] =>
  value === undefined ? [] : [stanza(tag, {}, Buffer.from(String(value)))];
const textOf = (node: BinaryNode | undefined, tag: string): string => bytes(child(node, tag)).toString();
const newId = (random: Random): string => String(random.int(1_000_000_000, 9_999_999_999));

function productNode(product: Product): BinaryNode {
  const [image] = product.imageUrls;
  return stanza('product', { is_hidden: String(product.isHidden) }, [
    ...text('id', product.id),
    ...text('name', product.name),
    ...text('description', product.description),
    ...text('retailer_id', product.retailerId),
    ...text('url', product.url),
    ...text('price', product.price),
    ...text('currency', product.currency),
    stanza('media', {}, [
      stanza('image', {}, [...text('request_image_url', image), ...text('original_image_url', image)]),
    ]),
    stanza('status_info', {}, text('status', 'APPROVED')),
  ]);
}

/** What a client says about a product; what it leaves out stays as it was. */
function productOf(node: BinaryNode | undefined, known?: Product): Omit<Product, 'id'> {
  const images = children(child(node, 'media'), 'image').map((image) => textOf(image, 'url'));
  const said = (tag: string, before: string | undefined): string | undefined =>
    child(node, tag) ? textOf(node, tag) : before;
  const price = said('price', known && String(known.price));
  return {
    name: said('name', known?.name) ?? '',
    description: said('description', known?.description),
    retailerId: said('retailer_id', known?.retailerId),
    url: said('url', known?.url),
    price: Number(price ?? 0),
    currency: said('currency', known?.currency) ?? '',
    isHidden: node?.attrs.is_hidden ? node.attrs.is_hidden === 'true' : (known?.isHidden ?? false),
    imageUrls: images.length ? images : (known?.imageUrls ?? []),
    originCountryCode: textOf(child(node, 'compliance_info'), 'country_code_origin') || known?.originCountryCode,
  };
}

function orderNode(order: Business['orders'][number], business: Business): BinaryNode {
  const items = order.items.flatMap(({ productId, quantity }) => {
    const product = business.products.find(({ id }) => id === productId);
    if (!product) return [];
    return stanza('product', {}, [
      ...text('id', productId),
      ...text('name', product.name),
      stanza('image', {}, text('url', product.imageUrls[0])),
      ...text('price', product.price),
      ...text('currency', product.currency),
      ...text('quantity', quantity),
    ]);
  });
  const price = stanza('price', {}, [...text('total', order.total), ...text('currency', order.currency)]);
  return stanza('order', { id: order.id }, [...items, price]);
}
