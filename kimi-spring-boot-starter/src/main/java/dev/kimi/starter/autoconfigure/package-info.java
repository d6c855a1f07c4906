/** Auto-configuration of the clients, and of what the actuator shows of them. */
@NullMarked
package dev.kimi.starter.autoconfigure;

import org.jspecify.annotations.NullMarked;
