package dev.kimi.internal.util;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What a logger writes from the making of this until its closing, which goes nowhere else meanwhile. */
public class LogRecorder extends Handler implements AutoCloseable {

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private final boolean parents;
    private final @Nullable Level level;

    @SuppressWarnings("this-escape")
    public LogRecorder(String logger) {
        this.logger = Logger.getLogger(logger);
        this.parents = this.logger.getUseParentHandlers();
        this.level = this.logger.getLevel();
        this.logger.setUseParentHandlers(false);
        this.logger.addHandler(this);
    }

    /** From now on the logger writes what is at least that. */
    public void at(Level minimum) {
        logger.setLevel(minimum);
    }

    /** What was written so far. */
    public List<LogRecord> records() {
        return records;
    }

    /** The messages of what was written so far. */
    public List<String> messages() {
        return records.stream().map(LogRecord::getMessage).toList();
    }

    @Override
    public void publish(LogRecord entry) {
        records.add(entry);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(parents);
        logger.setLevel(level);
    }
}
