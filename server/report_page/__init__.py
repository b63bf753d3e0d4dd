"""The morning report as a page: texts, template, style sheet and plots."""
