/** What an application with the starter, this module and the actuator shows over the web. */
@org.jspecify.annotations.NullMarked
package dev.kimi.observability.actuator;
