//! Whether a record's dates can be true together, and are what the profile asks.

use super::RecordReport;
use crate::fault::Fault;
use crate::profile::Profile;
use crate::record::Record;
use crate::record::calendar::Date;

/// The oldest a citizen is taken to be, in full years.
const MAX_AGE: i32 = 125;

pub(super) fn check(record: &Record, profile: &Profile, today: Date, report: &mut RecordReport) {
    birth(record, profile, today, report);
    let issue = record.issue_date;
    let ahead = i32::from(profile.validity.issue_ahead_days);
    if today.days_until(issue) > i64::from(ahead) {
        report.at(
            "$.issue_date",
            Fault::IssueInFuture {
                issue: issue.to_string(),
                days: ahead,
            },
        );
    }
    expiry(record, profile, today, report);
}

fn birth(record: &Record, profile: &Profile, today: Date, report: &mut RecordReport) {
    const PATH: &str = "$.birth.date";
    let (birth, issue) = (record.birth.date, record.issue_date);
    let calendar = profile.validity.calendar;
    let age = birth.years_until(today, calendar);
    if birth > today {
        report.at(
            PATH,
            Fault::BirthInFuture {
                birth: birth.to_string(),
            },
        );
    } else if age > MAX_AGE {
        report.at(PATH, Fault::AgeImplausible { age, max: MAX_AGE });
    } else if issue < birth {
        report.at(
            "$.issue_date",
            Fault::IssueBeforeBirth {
                issue: issue.to_string(),
                birth: birth.to_string(),
            },
        );
    } else {
        let age = birth.years_until(issue, calendar);
        let min = i32::from(profile.validity.minimum_age);
        if age < min {
            report.at(PATH, Fault::AgeBelowMinimum { age, min });
        }
    }
}

fn expiry(record: &Record, profile: &Profile, today: Date, report: &mut RecordReport) {
    const PATH: &str = "$.expiry_date";
    let issue = record.issue_date;
    let latest = issue.plus_years(profile.validity.calendar, profile.validity.years);
    let expiry = record.expiry(&profile.validity);
    let (latest, expiry) = match (latest, expiry) {
        (Ok(latest), Ok(expiry)) => (latest, expiry),
        (Err(fault), _) | (_, Err(fault)) => return report.at(PATH, fault),
    };
    if expiry <= issue {
        report.at(
            PATH,
            Fault::ExpiryBeforeIssue {
                expiry: expiry.to_string(),
                issue: issue.to_string(),
            },
        );
    } else if expiry <= today {
        report.at(
            PATH,
            Fault::Expired {
                expiry: expiry.to_string(),
            },
        );
    } else if expiry > latest {
        report.at(
            PATH,
            Fault::ValidityTooLong {
                expiry: expiry.to_string(),
                latest: latest.to_string(),
            },
        );
    }
}
