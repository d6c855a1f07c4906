package dev.kimi.tool;

import dev.kimi.chat.ContentPart;
import java.time.Duration;

/** What the model gets for a call of a tool. */
record ToolOutcome(ContentPart.ToolResult result, Duration elapsed) {}
