package dev.kimi.tool;

import java.time.Duration;

/** What the model gets for a call of a tool. */
record ToolOutcome(String text, boolean error, Duration elapsed) {}
