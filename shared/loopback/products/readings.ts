/** Where the vendor's documents disagree; a test that wants the other reading hands it to `productsService`. */
export interface ProductReadings {
  /**
   * What Kafka's list calls are checked on. The published custom policy grants them on an instance (`instance`, the default:
   * a grant on `*` matches it too), the API tables say "All Resources" (`all`: then only a grant on `*` does).
   * With `instance`, GetInstanceList without ids shows the instances that the caller may list, all of them under `*`.
   */
  readonly kafkaLists: 'instance' | 'all';
}

export const PRODUCT_READINGS: ProductReadings = { kafkaLists: 'instance' };
