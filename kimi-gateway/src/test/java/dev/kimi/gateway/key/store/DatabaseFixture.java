package dev.kimi.gateway.key.store;

import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * A database of its own in memory, with the tables of the schema file; with the system property {@code kimi.keys.jdbc},
 * tables that are made anew in that one.
 */
final class DatabaseFixture {

    private final DataSource dataSource;

    DatabaseFixture() {
        String url = System.getProperty("kimi.keys.jdbc", "");
        dataSource = new DriverManagerDataSource(
                url.isEmpty() ? "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1" : url);
        if (!url.isEmpty()) {
            JdbcTemplate jdbc = new JdbcTemplate(dataSource);
            jdbc.execute("DROP TABLE IF EXISTS kimi_gateway_key");
            jdbc.execute("DROP TABLE IF EXISTS kimi_gateway_spending");
        }
        new ResourceDatabasePopulator(new ClassPathResource("dev/kimi/gateway/key/schema.sql")).execute(dataSource);
    }

    DataSource dataSource() {
        return dataSource;
    }
}
