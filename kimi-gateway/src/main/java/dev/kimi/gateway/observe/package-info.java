/** What operators see of calls: a line in the log, and metrics; without content and credentials. */
@NullMarked
package dev.kimi.gateway.observe;

import org.jspecify.annotations.NullMarked;
