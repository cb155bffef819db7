"""Java, Kotlin and others through JBang."""
