package dev.kimi.gateway.key.store;

import java.io.UncheckedIOException;
import java.sql.SQLException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.NestedRuntimeException;

/** How a database fails. */
final class Database {

    private Database() {}

    /** Says the class of the failure and its SQL state, but no text of the driver, which may hold what was stored. */
    static UncheckedIOException failed(String what, NestedRuntimeException e) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(e);
        String state = root instanceof SQLException sql ? ", SQL state " + sql.getSQLState() : "";
        return Failures.of("The tables kimi_gateway_key and kimi_gateway_spending cannot " + what + " ("
                + root.getClass().getSimpleName() + state + "). Is the database of spring.datasource.url up, and were"
                + " they made with dev/kimi/gateway/key/schema.sql?");
    }
}
