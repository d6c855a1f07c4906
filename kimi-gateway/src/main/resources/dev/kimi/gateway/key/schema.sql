-- Keys of the gateway and what was spent for them, for PostgreSQL and H2.
-- Amounts are billionths of a US dollar; a period is a day (2026-11-28) or a month (2026-11).
CREATE TABLE IF NOT EXISTS kimi_gateway_key (
  id VARCHAR(64) PRIMARY KEY,
  body TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS kimi_gateway_spending (
  instance VARCHAR(64) NOT NULL,
  key_id VARCHAR(64) NOT NULL,
  period VARCHAR(10) NOT NULL,
  spent BIGINT NOT NULL,
  reserved BIGINT NOT NULL,
  seen TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (period, key_id, instance)
);
